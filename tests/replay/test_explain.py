"""The story of a record, on stdout."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep import cli
from ecsstep.core.options import Option, Options
from ecsstep.replay.command import main
from ecsstep.replay.explain import asked, drawn, explain
from ecsstep.replay.reader import read
from ecsstep.rules.record.reading import parsed
from ecsstep.rules.record.story import Asked, Line
from replays import a_document, written
from stories import RECORDS, STORIES, Story


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def explained(*argv: str) -> int:
    return main([*argv, "--explain"], steps=cli.STEPS, step=cli.step)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_recorded_run_is_a_story_of_readable_width(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    code = explained(str(story.path))

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0].startswith(f"{story.step} ended with {story.exit} (")
    assert {"what was asked", "what was decided"} <= set(lines)
    assert max(map(len, lines)) <= 100


def test_a_rollback_is_told_with_its_cause_and_its_rule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    explained(str(RECORDS / "wait-stable.rolled-back.json.gz"))

    said = capsys.readouterr().out
    for expected in (
        "wait-stable ended with 3 (failed)\n",
        "\n  --cluster     demo\n",
        "  --region      ap-northeast-1  (by AWS_DEFAULT_REGION)\n",
        "  ecs DescribeServices  cluster=demo, services=web\n",
        "container app: exit code 1\n",
        "  > gathering the reasons outcome=rolled-back\n",
        "\nwhat was decided\n  rolled-back, exit 3 (failed)\n  rule: ECS gave the deployment up",
        '  see docs/wait-stable.md, "Which deployment is ours"\n',
        "\n    likely cause: an essential container ends by itself",
        "\nwhat to do next\n",
    ):
        assert expected in said, expected


def test_options_come_with_where_they_were_given_and_secrets_masked() -> None:
    class Given(Options):
        name: str | None = Option(flag="NAME", help="", variable="").field()
        wait: bool = Option(flag="--wait", help="", is_switch=True, default=False).field()
        path: tuple[str, ...] = Option(flag="--path", help="", repeatable=True).field()
        token: str | None = Option(help="", variable="TOKEN", secret=True).field()
        rest: tuple[str, ...] = Option(flag="COMMAND", help="", is_rest=True, repeatable=True,
                                       variable="").field()  # fmt: skip

    record = parsed(
        a_document(
            argv=["a", "--no-wait", "--path", "--region=r", "--", "sh", "-c"],
            variables={"ECSSTEP_PATH": "x\ny", "TOKEN": "redacted-1", "AWS_REGION": "s"},
        )
    )

    assert list(asked(record, Given)) == [
        Asked(name="NAME", value="a", by="NAME"),
        Asked(name="--wait", value="no", by="--wait"),
        Asked(name="--path", value="", by="--path"),
        Asked(name="TOKEN", value="***", by="TOKEN"),
        Asked(name="COMMAND", value="sh -c", by="COMMAND"),
        Asked(name="--region", value="r", by="--region"),
    ]


@pytest.mark.parametrize(("columns", "widest"), [("70", 70), ("20", 60), ("300", 100)])
def test_a_terminal_gets_its_width_and_the_important_in_bold(columns: str, widest: int) -> None:
    record = read(str(RECORDS / "wait-stable.rolled-back.json.gz"))
    terminal = _Terminal()

    explain(record, cli.step("wait-stable").options, terminal, {"COLUMNS": columns})

    lines = terminal.getvalue().splitlines()
    bare = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in lines]
    assert lines[0] == "\x1b[1mwait-stable ended with 3 (failed)\x1b[0m"
    assert "  \x1b[1mrolled-back, exit 3 (failed)\x1b[0m" in lines
    assert widest - 10 < max(map(len, bare)) <= widest


def test_a_pipe_gets_no_bold() -> None:
    out = io.StringIO()

    explain(parsed(a_document()), cli.step("taskdef-render").options, out)

    assert "\x1b" not in out.getvalue()


@given(
    text=st.text(),
    indent=st.integers(0, 20),
    hang=st.integers(0, 90),
    columns=st.integers(60, 100),
)
def test_no_line_is_wider_than_it_may_be(text: str, indent: int, hang: int, columns: int) -> None:
    line = Line(text=text, indent=indent, hang=hang, is_strong=True)

    found = list(drawn([line], columns, is_bold=False))

    assert found
    assert all(len(each) <= columns for each in found)


def test_a_step_that_this_version_has_not_is_explained_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = explained(str(written(tmp_path, a_document(step="of-the-future"))))

    assert code == 0
    assert capsys.readouterr().out.startswith("of-the-future ended with 2 (usage)\n")


@given(
    name=st.sampled_from(cli.STEPS),
    argv=st.lists(
        st.sampled_from(["--cluster", "--no-wait", "--wait=x", "--", "-", "--env=", "--tag", "-h"])
        | st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    ),
)
def test_no_command_line_is_too_strange(name: str, argv: list[str]) -> None:
    out = io.StringIO()

    explain(parsed(a_document(step=name, argv=argv)), cli.step(name).options, out)

    assert out.getvalue().startswith(f"{name} ended with 2 (usage)\n")


def test_lines_for_a_shell_are_printed_for_every_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(written(tmp_path, a_document(step="of-the-future")))

    code = main([path, "--shell"], steps=cli.STEPS, step=cli.step)

    assert code == 0
    assert capsys.readouterr().out == (
        "# what of-the-future asked, each call once; words like redacted-1 stand for secrets\n"
    )
