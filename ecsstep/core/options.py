"""An option is declared once: flag, variables, parser, default and help.

The parser, the help text, the README's tables, the templates' inputs and the drift tests all read
that declaration. A step's options are a frozen dataclass whose fields are made by
:meth:`Option.field`.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ecsstep.core.output import compiled
from ecsstep.core.values import one_of, switch
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret
from ecsstep.text import meant, printable

PREFIX = "ECSSTEP_"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing that a step can be told.

    Attributes:
        flag: ``--cluster``, a positional's name (``IMAGE``), or nothing for a value that only
            variables may carry (a secret, or what only a platform knows).
        help: What it is, for people; the default and the variables are added to it.
        parse: Makes the value; a ValueError is a mistake of the user.
        metavar: How the value is called in the help text.
        variable: The variable's name, where it isn't ``ECSSTEP_`` and the flag's name.
        aliases: Further variables in their order: the articles', then the platforms' own.
        default: The value when nothing is given; text is parsed like the user's.
        required: Nothing given is a mistake.
        repeatable: May be given several times; its variable has one value a line.
        is_switch: Takes no value; ``--no-…`` turns it off again.
        secret: Never in argv; the value becomes a Secret.
    """

    flag: str = ""
    help: str
    parse: Callable[[str], Any] = str
    metavar: str = ""
    variable: str | None = None
    aliases: tuple[str, ...] = ()
    default: Any = None
    required: bool = False
    repeatable: bool = False
    is_switch: bool = False
    secret: bool = False

    def field(self, **changes: Any) -> Any:
        """Return the dataclass field for this option, with some of it changed for one step."""
        option = dataclasses.replace(self, **changes)
        metadata = {"option": option}
        if option.required:
            return dataclasses.field(metadata=metadata)
        default = option.default
        if option.repeatable and default is None:
            default = ()
        elif isinstance(default, str):
            default = option.parse(default)
        return dataclasses.field(default=default, metadata=metadata)

    @property
    def is_positional(self) -> bool:
        """Whether it is given by its place."""
        return bool(self.flag) and not self.flag.startswith("-")

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that carry it, the first one found wins."""
        own = self.variable
        if own is None and self.flag:
            own = PREFIX + self.flag.lstrip("-").upper().replace("-", "_")
        return (*((own,) if own else ()), *self.aliases)

    @property
    def name(self) -> str:
        """How a message names it: its flag, else its first variable."""
        return self.flag or self.variables[0]


REGION = Option(
    flag="--region",
    help="AWS region",
    metavar="REGION",
    aliases=("AWS_DEFAULT_REGION", "AWS_REGION"),
)
ROLE_ARN = Option(
    flag="--role-arn",
    help="IAM role to assume; by web identity where there is an OIDC token",
    metavar="ARN",
    aliases=("AWS_ROLE_ARN",),
)
ID_TOKEN = Option(
    help="OIDC token to assume the role with",
    variable="ECSSTEP_ID_TOKEN",
    aliases=("GITLAB_OIDC_TOKEN",),
    secret=True,
)
DOTENV = Option(
    flag="--dotenv",
    help="merge the values that later steps read into this file",
    metavar="FILE",
)
FORMAT = Option(
    flag="--format",
    help="form of the result on stdout: text or json",
    metavar="FORM",
    parse=one_of("text", "json"),
    default="text",
)
QUERY = Option(
    flag="--query",
    help="JMESPath expression to apply to the JSON result",
    metavar="EXPR",
    parse=compiled,
)
LOG_FORMAT = Option(
    flag="--log-format",
    help="form of the events on stderr: text or json",
    metavar="FORM",
    parse=one_of("text", "json"),
    default="text",
)
DRY_RUN = Option(
    flag="--dry-run",
    help="do all reads and checks, print what would be done, change nothing",
    is_switch=True,
    default=False,
)
CLUSTER = Option(flag="--cluster", help="ECS cluster", metavar="NAME", aliases=("ECS_CLUSTER",))
SERVICE = Option(flag="--service", help="ECS service", metavar="NAME", aliases=("ECS_SERVICE",))
IMAGE_VARIABLE = "ECSSTEP_IMAGE"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What every step can be told. Steps extend it.

    Attributes:
        by_flag: The names of the fields that were given on the command line.
    """

    region: str | None = REGION.field()
    role_arn: str | None = ROLE_ARN.field()
    id_token: Secret | None = ID_TOKEN.field()  # noqa: RUF009 - it is dataclasses.field
    dotenv: str | None = DOTENV.field()
    format: str = FORMAT.field()
    query: str | None = QUERY.field()
    log_format: str = LOG_FORMAT.field()
    by_flag: frozenset[str] = frozenset()

    shared: ClassVar[tuple[str, ...]] = (
        "region", "role_arn", "id_token", "dotenv", "format", "query", "log_format",
    )  # fmt: skip

    @classmethod
    def declared(cls) -> dict[str, Option]:
        """Return this class's options by field name, its own before the shared ones."""
        found = {
            field.name: field.metadata["option"]
            for field in dataclasses.fields(cls)
            if "option" in field.metadata
        }
        own = {name: option for name, option in found.items() if name not in cls.shared}
        return own | {name: found[name] for name in cls.shared}

    @classmethod
    def faults(cls, given: "Given") -> Iterator[str]:
        """Yield what is wrong between options; each option by itself is right already."""
        del given
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Given:
    """The values that could be read, when some others could not.

    Attributes:
        values: The values by field name; absent where nothing was given.
        by_flag: Which of them stood on the command line.
        wrong: The fields that were given but couldn't be read, or are missing.
    """

    values: Mapping[str, Any]
    by_flag: frozenset[str]
    wrong: frozenset[str]

    def has(self, *names: str) -> bool:
        """Whether one of these was given, readable or not."""
        return any(name in self.values or name in self.wrong for name in names)


def parse(
    options: type[Options],
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    prog: str,
) -> Options:
    """Return the options that a command line and an environment give.

    Raises:
        StepError: One or more mistakes, all of them told at once (exit 2).
    """
    declared = options.declared()
    flags, faults = _from_argv(declared, argv)
    values: dict[str, Any] = {}
    wrong: set[str] = set()
    for name, option in declared.items():
        found = _found(name, option, flags, environ)
        if found is None:
            if option.required:
                wrong.add(name)
                faults.append(_missing(option))
            continue
        place, texts = found
        value, mistakes = _value(option, texts)
        if mistakes:
            wrong.add(name)
            faults.extend(f"{place}: {mistake}" for mistake in mistakes)
        else:
            values[name] = value
    given = Given(
        values=values, by_flag=frozenset(flags) & frozenset(declared), wrong=frozenset(wrong)
    )
    faults.extend(options.faults(given))
    if faults:
        raise StepError(
            faults[0] if len(faults) == 1 else f"{len(faults)} mistakes in the arguments",
            exit=Exit.USAGE,
            why=tuple(faults) if len(faults) > 1 else (),
            hint=f"{prog} --help shows every option",
        )
    return options(**values, by_flag=given.by_flag)


def _from_argv(
    declared: Mapping[str, Option], argv: Sequence[str]
) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the texts by field name, and what is wrong with the command line itself."""
    import argparse

    parser = argparse.ArgumentParser(
        add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    for name, option in declared.items():
        if option.is_switch:
            parser.add_argument(option.flag, dest=name, action=argparse.BooleanOptionalAction)
        elif option.is_positional:
            parser.add_argument(name, nargs="?", action="append")
        elif option.flag:
            # A missing value becomes None, so that it is one mistake among the others.
            parser.add_argument(option.flag, dest=name, nargs="?", action="append")
    misused = [word for word in argv if _is_switch_with_value(word, declared)]
    namespace, extra = parser.parse_known_args([word for word in argv if word not in misused])
    known = [option.flag for option in declared.values() if option.flag.startswith("-")]
    faults = [f"{word.partition('=')[0]} takes no value" for word in misused]
    faults += [
        f"there is no option '{printable(word.partition('=')[0])}'"
        + meant(word.partition("=")[0], known)
        if word.startswith("-") and word != "-"
        else f"'{printable(word)}' is one argument too many"
        for word in extra
        if word != "--"
    ]
    flags = {
        name: value if isinstance(value, list) else [value]
        for name, value in vars(namespace).items()
        if value is not None
    }
    return flags, faults


def _is_switch_with_value(word: str, declared: Mapping[str, Option]) -> bool:
    flag, equals, _ = word.partition("=")
    switches = [option.flag for option in declared.values() if option.is_switch]
    return bool(equals) and any(flag in {on, f"--no-{on[2:]}"} for on in switches)


def _found(
    name: str, option: Option, flags: Mapping[str, list[Any]], environ: Mapping[str, str]
) -> tuple[str, list[Any]] | None:
    """Return where the option's value stands and its text, or None where nothing is given."""
    if name in flags:
        return option.name, flags[name]
    for variable in option.variables:
        text = environ.get(variable, "")
        if not option.repeatable:
            if text:
                return variable, [text]
            continue
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        if any(lines):
            return variable, [line for line in lines if line]
    return None


def _value(option: Option, texts: Sequence[Any]) -> tuple[Any, list[str]]:
    """Return the value, and every mistake in the texts that it is made from."""
    if any(text in {"", None} for text in texts):
        return None, ["needs a value"]
    if len(set(texts)) > 1 and not option.repeatable and not option.is_switch:
        return None, [f"is given {len(texts)} times with different values"]
    found, mistakes = [], []
    for text in texts:
        try:
            found.append(_parsed(option, text))
        except ValueError as error:
            mistakes.append(str(error))
    if mistakes or option.repeatable:
        return tuple(found), mistakes
    return found[-1], []


def _parsed(option: Option, text: Any) -> Any:
    if option.is_switch:
        return text if isinstance(text, bool) else switch(text)
    return Secret(text) if option.secret else option.parse(text)


def _missing(option: Option) -> str:
    ways = [option.flag] if option.flag else []
    return f"{option.name} is missing: give {' or '.join([*ways, *option.variables])}"
