"""The words of a pipeline's own line that have nothing to do with permissions."""

from collections.abc import Sequence

from ecsstep.policies.options import OF_STEPS, PolicyOptions

_OWN = {option.flag for option in PolicyOptions.declared().values()}
_OF_STEPS = {
    option.flag: option for each in OF_STEPS for option in each.values() if option.flag not in _OWN
}


def relevant(argv: Sequence[str]) -> list[str]:
    """Return the words of a command line without those options of steps that change nothing here.

    So the line of a pipeline can be taken as it stands: ``--timeout 30m`` and ``--report FILE``
    have nothing to do with permissions.
    """
    found: list[str] = []
    words = iter(argv[: list(argv).index("--")] if "--" in argv else argv)
    for word in words:
        flag, equals, _ = word.partition("=")
        option = _OF_STEPS.get(flag) or _OF_STEPS.get(f"--{flag.removeprefix('--no-')}")
        if option is None or not flag.startswith("-"):
            found.append(word)
        elif not option.is_switch and not equals:
            next(words, None)
    return found
