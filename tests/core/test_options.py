"""An option is declared once."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.core.arguments import parse
from ecsstep.core.help import help_text
from ecsstep.core.options import CLUSTER, DRY_RUN, Given, Option, Options
from ecsstep.core.values import count, duration
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret


class SomeOptions(Options):
    image: str | None = Option(flag="IMAGE", help="i", aliases=("CI_IMAGE",)).field()
    cluster: str | None = CLUSTER.field()
    tags: tuple[str, ...] = Option(flag="--tag", help="t", repeatable=True).field()
    number: int = Option(flag="--number", help="n", parse=count, default=3).field()
    timeout: float = Option(flag="--timeout", help="t", parse=duration, default="2m").field()
    dry_run: bool = DRY_RUN.field()
    password: Secret | None = Option(
        help="p", variable="ECSSTEP_PASSWORD", aliases=("DOCKER_PASSWORD",), secret=True
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        yield from super().faults(given)
        if given.has("image") and given.has("cluster"):
            yield "IMAGE and --cluster exclude each other"


def read(*argv: str, **environ: str) -> SomeOptions:
    found = parse(SomeOptions, argv, environ, prog="some")
    assert isinstance(found, SomeOptions)
    return found


def mistakes(*argv: str, **environ: str) -> tuple[str, ...]:
    with pytest.raises(StepError) as caught:
        read(*argv, **environ)
    assert (caught.value.exit, caught.value.hint) == (Exit.USAGE, "some --help shows every option")
    return caught.value.why or (caught.value.message,)


def test_nothing_given_is_the_defaults() -> None:
    assert read() == SomeOptions(number=3, timeout=120.0)


def test_flags_in_every_place_and_form() -> None:
    expected = SomeOptions(
        image="i", tags=("a", "b"), number=4, by_flag=frozenset({"image", "tags", "number"})
    )

    assert read("i", "--tag", "a", "--tag=b", "--number", "4") == expected
    assert read("--tag", "a", "--number=4", "--tag", "b", "i") == expected
    assert read("--tag", "a", "--tag", "b", "--number", "4", "--", "i") == expected


def test_variables_in_their_order_with_the_empty_ones_not_given() -> None:
    assert read(ECSSTEP_IMAGE="", CI_IMAGE="b").image == "b"
    assert read(ECSSTEP_IMAGE="a", CI_IMAGE="b").image == "a"
    assert read("c", ECSSTEP_IMAGE="a").image == "c"
    assert read(ECSSTEP_TAG="a\r\n\nb\n").tags == ("a", "b")
    assert read(ECSSTEP_TAG="\n").tags == ()


def test_switches() -> None:
    assert read("--dry-run").dry_run
    assert read(ECSSTEP_DRY_RUN="yes").dry_run
    assert not read("--no-dry-run", ECSSTEP_DRY_RUN="yes").dry_run


def test_a_secret_comes_from_variables_alone() -> None:
    assert read(DOCKER_PASSWORD="hunter2!").password == Secret("hunter2!")
    assert mistakes("--password", "x")[0].startswith("there is no option '--password'")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param(
            ["--number", "x"], ["--number: 'x' is not a whole number of zero or more"], id="value"
        ),
        pytest.param(["--number", ""], ["--number: needs a value"], id="empty"),
        pytest.param(["--number"], ["--number: needs a value"], id="nothing"),
        pytest.param([""], ["IMAGE: needs a value"], id="empty positional"),
        pytest.param(
            ["--number", "1", "--number", "2"],
            ["--number: is given 2 times with different values"],
            id="twice",
        ),
        pytest.param(
            ["--tagg", "a"], ["there is no option '--tagg'; did you mean '--tag'?"], id="near"
        ),
        pytest.param(
            ["--tagg=a"], ["there is no option '--tagg'; did you mean '--tag'?"], id="near="
        ),
        pytest.param(
            ["a", "b", "c"],
            ["'b' is one argument too many", "'c' is one argument too many"],
            id="more",
        ),
        pytest.param(["--dry-run=yes"], ["--dry-run takes no value"], id="switch"),
        pytest.param(
            ["--no-dry-run=yes", "--number=x"],
            ["--no-dry-run takes no value", "--number: 'x' is not a whole number of zero or more"],
            id="both",
        ),
        pytest.param(
            ["i", "--cluster", "c"], ["IMAGE and --cluster exclude each other"], id="cross"
        ),
        pytest.param(
            ["--clus", "c"],
            ["there is no option '--clus'; did you mean '--cluster'?"],
            id="no abbreviation",
        ),
    ],
)
def test_mistakes_have_their_own_words(argv: list[str], said: list[str]) -> None:
    assert set(said) <= set(mistakes(*argv))


def test_a_mistake_in_a_variable_names_the_variable() -> None:
    assert mistakes(ECSSTEP_NUMBER="x") == (
        "ECSSTEP_NUMBER: 'x' is not a whole number of zero or more",
    )
    assert mistakes(ECSSTEP_DRY_RUN="perhaps") == (
        "ECSSTEP_DRY_RUN: 'perhaps' is neither true nor false",
    )


def test_the_same_value_twice_is_one_value() -> None:
    assert read("--number", "2", "--number", "2").number == 2


def test_a_missing_value_names_every_way_to_give_it() -> None:
    class Needy(Options):
        cluster: str = CLUSTER.field(required=True)
        key: Secret = Option(help="k", variable="ECSSTEP_KEY", secret=True, required=True).field()

    with pytest.raises(StepError) as caught:
        parse(Needy, [], {}, prog="some")

    assert caught.value.message == "2 mistakes in the arguments"
    assert caught.value.why == (
        "--cluster is missing: give --cluster or ECSSTEP_CLUSTER or ECS_CLUSTER",
        "ECSSTEP_KEY is missing: give ECSSTEP_KEY",
    )


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\x00"), max_size=6)
        | st.sampled_from(
            [
                "--tag",
                "--dry-run",
                "--number",
                "--",
                "-",
                "i",
                "--tag=",
                "--dry-run=1",
                "-x",
                "--no-tag",
            ]
        ),
        max_size=6,
    )
)
def test_any_command_line_is_read_or_a_mistake(argv: list[str]) -> None:
    try:
        read(*argv)
    except StepError as error:
        assert error.exit is Exit.USAGE  # noqa: PT017 - both ends are right


def test_every_wrong_value_of_a_repeatable_option_is_told() -> None:
    class Repeated(Options):
        counts: tuple[int, ...] = Option(
            flag="--count", help="c", parse=count, repeatable=True
        ).field()

    with pytest.raises(StepError) as caught:
        parse(Repeated, ["--count", "1", "--count", "x", "--count", "y"], {}, prog="some")

    assert caught.value.why == (
        "--count: 'x' is not a whole number of zero or more",
        "--count: 'y' is not a whole number of zero or more",
    )


class LineOptions(Options):
    name: str | None = Option(flag="--name", help="x").field()
    names: tuple[str, ...] = Option(flag="--names", help="x", repeatable=True).field()
    text: str | None = Option(flag="--text", help="x", has_lines=True).field()
    env: tuple[str, ...] = Option(
        flag="--env", help="x", repeatable=True, sets="environment"
    ).field()
    token: Secret | None = Option(help="x", variable="TOKEN", secret=True).field()


@pytest.mark.parametrize(
    ("argv", "environ", "said"),
    [
        pytest.param(
            ["--name", "a\tb"], {}, r"--name: 'a\tb' holds a control character", id="a tab"
        ),
        pytest.param(
            [], {"ECSSTEP_NAME": "a\n"}, r"ECSSTEP_NAME: 'a\n' ends in a line break; set it anew",
            id="a line end, as a form of a CI's settings leaves it",
        ),
        pytest.param(["--name", "a\r"], {}, r"--name: 'a\r' ends in a line break", id="windows"),
        pytest.param(
            ["--names", "a", "--names", "b\x1b[1m"], {},
            r"'b\x1b[1m' holds a control character", id="one of several",
        ),
    ],
)  # fmt: skip
def test_what_no_eye_sees_is_told(argv: list[str], environ: dict[str, str], said: str) -> None:
    with pytest.raises(StepError) as caught:
        parse(LineOptions, argv, environ, prog="p")

    assert said in caught.value.message


def test_a_text_of_others_may_have_lines() -> None:
    argv = ["--text", "a\nb\n", "--env", "A=1\n2"]

    found = parse(LineOptions, argv, {"TOKEN": "t\n", "ECSSTEP_NAMES": "a\r\nb\r\n"}, prog="p")

    assert isinstance(found, LineOptions)
    assert (found.text, found.env, found.names) == ("a\nb\n", ("A=1\n2",), ("a", "b"))


class RestOptions(Options):
    level: str = Option(flag="--level", help="x", default="low").field()
    command: tuple[str, ...] = Option(
        flag="COMMAND", help="what to run", is_rest=True, repeatable=True
    ).field()


@pytest.mark.parametrize(
    ("argv", "level", "command"),
    [
        (("--level", "high"), "high", ()),
        (("--", "--level", "high"), "low", ("--level", "high")),
        (("--level", "high", "--", "a", "", "--", "b"), "high", ("a", "", "--", "b")),
    ],
)
def test_everything_after_the_dashes_is_a_command_line_of_somebody_elses(
    argv: tuple[str, ...], level: str, command: tuple[str, ...]
) -> None:
    found = parse(RestOptions, argv, {}, prog="p")

    assert isinstance(found, RestOptions)
    assert (found.level, found.command) == (level, command)


@pytest.mark.parametrize(
    ("argv", "said"),
    [(("--",), "COMMAND: needs a value"), (("a",), "'a' is one argument too many")],
)
def test_a_command_line_without_a_word_or_without_dashes_is_a_mistake(
    argv: tuple[str, ...], said: str
) -> None:
    with pytest.raises(StepError, match=said):
        parse(RestOptions, argv, {}, prog="p")


def test_the_help_shows_the_dashes_at_the_end() -> None:
    text = help_text("p", "About.", RestOptions)

    assert "usage: p [--level VALUE] [option]... [-- COMMAND...]" in text


class ManyPlaces(Options):
    names: tuple[str, ...] = Option(flag="NAME", help="name", repeatable=True).field()
    size: str | None = Option(flag="--size", help="size").field()


def test_a_positional_that_may_be_repeated_stands_anywhere() -> None:
    given = parse(ManyPlaces, ["one", "--size", "2", "two", "three"], {}, prog="step")

    assert isinstance(given, ManyPlaces)
    assert (given.names, given.size) == (("one", "two", "three"), "2")
    assert parse(ManyPlaces, [], {"ECSSTEP_NAME": "a\nb"}, prog="step").by_flag == frozenset()


def test_beside_it_an_unknown_option_stays_a_mistake() -> None:
    with pytest.raises(StepError, match="there is no option '--siez'"):
        parse(ManyPlaces, ["one", "--siez"], {}, prog="step")
