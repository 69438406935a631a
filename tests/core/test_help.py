"""The help text."""

from ecsstep.core.help import help_text, notes, spelling, summary, usage
from ecsstep.core.options import CLUSTER, DRY_RUN, ID_TOKEN, Option, Options
from ecsstep.core.values import duration, one_of

TIMEOUT = Option(flag="--timeout", help="t", parse=duration, metavar="TIME", default="15m")


class PushOptions(Options):
    source: str = Option(flag="SOURCE", help="the image", required=True).field()
    cluster: str | None = CLUSTER.field()
    timeout: float = TIMEOUT.field()
    plain: str | None = Option(flag="--plain", help="no more to say", variable="").field()
    word: str | None = Option(flag="--a-long-name", help="x", metavar="A-LONG-WORD").field()
    dry_run: bool = DRY_RUN.field()


def test_the_usage_line_shows_a_steps_own_options() -> None:
    own = {
        name: option
        for name, option in PushOptions.declared().items()
        if name not in Options.shared
    }

    assert usage("push", own).replace("\N{NO-BREAK SPACE}", " ") == (
        "usage: push SOURCE [--cluster NAME] [--timeout TIME] [--plain VALUE] "
        "[--a-long-name A-LONG-WORD]\n"
        "        [--dry-run] [option]..."
    )


def test_the_help_text_has_every_option_once() -> None:
    text = help_text("push", "Push.\n\nIt pushes.\n", PushOptions)

    for option in PushOptions.declared().values():
        assert f"  {spelling(option)}" in text
    assert text.index("It pushes.") < text.index("SOURCE  ") < text.index("options of every step")
    assert max(len(line) for line in text.splitlines()) <= 96
    assert summary("Push.\n\nMore.") == "Push."


def test_an_option_is_noted_with_default_repetition_words_and_variables() -> None:
    assert notes(TIMEOUT) == "default: 15m; variables: ECSSTEP_TIMEOUT"
    assert notes(Option(flag="--x", help="h", variable="")) == ""
    assert notes(DRY_RUN) == "variables: ECSSTEP_DRY_RUN"
    assert (
        notes(Option(flag="N", help="h", required=True, variable="N")) == "required; variables: N"
    )
    assert notes(Option(flag="--n", help="h", default=0)) == "default: 0; variables: ECSSTEP_N"
    assert (
        notes(
            Option(
                flag="--x", help="h", parse=one_of("a", "b"), repeatable=True, default=("a", "b")
            )
        )
        == "repeatable; one of a, b; default: a, b; variables: ECSSTEP_X"
    )


def test_a_value_that_only_variables_carry_is_spelled_by_its_first() -> None:
    assert spelling(ID_TOKEN) == "ECSSTEP_ID_TOKEN"
    assert spelling(Option(flag="--x", help="h")) == "--x VALUE"
