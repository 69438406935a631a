"""A record is explained, made into lines for a shell, and run once more for real."""

import shutil
from pathlib import Path

import pytest

from processes import Ended, sandboxed

_RECORDED = """
D=$(service-update --cluster demo --service web --force-new-deployment --record update.json)
wait-stable --cluster demo --service web --deployment "$D" --interval 50ms --record wait.json ||
    test $? = 3
"""
_DEFINITION = (
    '{"family":"web","containerDefinitions":[{"name":"app","image":"public.ecr.aws/x/y:1",'
    '"memory":64,"environment":[{"name":"DB_PASSWORD","value":"hunter2hunter2"}]}]}'
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the records of an update, and of a wait that saw it rolled back."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "taskdef.json").write_text(_DEFINITION)
    ended = sandboxed(
        f"{_RECORDED}\nservice-update --cluster demo --service web --taskdef taskdef.json "
        "--record definition.json",
        scenario="rolled-back",
        cwd=folder,
    )
    assert ended.code == 0, ended.err
    return folder


@pytest.fixture
def recorded(made: Path, tmp_path: Path) -> Path:
    """Return a folder of the test's own with these records."""
    return Path(shutil.copytree(made, tmp_path / "records"))


def go_live(
    folder: Path, *words: str, script: str = "", scenario: str = "steady"
) -> Ended:  # fmt: skip
    command = " ".join(["ecsstep replay --live", *words])
    return sandboxed(f"{script}\n{command}", scenario=scenario, cwd=folder)


def test_a_rollback_is_explained(recorded: Path) -> None:
    ended = sandboxed("ecsstep replay wait.json --explain", cwd=recorded)

    assert ended.code == 0, ended.err
    for expected in (
        "wait-stable ended with 3 (failed)\n",
        "  --deployment  ecs-svc/",
        "ecs DescribeServices  cluster=demo, services=web\n",
        "            - event ",
        "what was decided\n  rolled-back, exit 3 (failed)\n",
        "likely cause: an essential container ends by itself",
    ):
        assert expected in ended.out, expected


@pytest.mark.real("aws")
@pytest.mark.parametrize(("record", "comments"), [("wait.json", 0), ("update.json", 1)])
def test_the_aws_cli_takes_every_line_and_what_changes_something_is_a_comment(
    tmp_path: Path, record: str, comments: int
) -> None:
    ended = sandboxed(
        f"{_RECORDED}\nwait-stable --help > /dev/null\n"
        f"ecsstep replay {record} --shell > lines.sh\n. ./lines.sh > answers",
        scenario="rolled-back",
        cwd=tmp_path,
    )

    assert ended.code == 0, ended.err
    lines = (tmp_path / "lines.sh").read_text().splitlines()
    assert (
        "aws ecs describe-services --region ap-northeast-1 --cluster demo --services web" in lines
    )
    assert [line.split()[:3] for line in lines].count(["#aws", "ecs", "update-service"]) == comments
    assert (tmp_path / "answers").read_text()


def test_an_update_is_done_once_more_once_it_is_agreed_to(recorded: Path) -> None:
    script = "service-update --cluster demo --service web --taskdef web:1 > before"

    ended = go_live(recorded, "update.json", "--yes", script=script)

    assert ended.code == 0, ended.err
    before = (recorded / "before").read_text()
    assert ended.out.startswith("ecs-svc/")
    assert ended.out != before
    assert "for real  account=123456789012  region=ap-northeast-1" in ended.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("update.json < /dev/null", 2, "there is no terminal to ask on"),
        ("update.json --yes --account 210987654321", 2, "and 210987654321 is meant"),
        ("elsewhere.json --yes", 2, "and 999999999999 is meant"),
        ("definition.json --yes", 2,
         "in 'taskdef.json': environment value containerDefinitions[app].environment[DB_PASSWORD]"),
        ("update.json --yes --option clutser=x", 2, "did you mean 'cluster'?"),
    ],
)  # fmt: skip
def test_nothing_is_changed_where_something_is_missing_or_another_account_is_meant(
    recorded: Path, words: str, code: int, said: str
) -> None:
    text = (recorded / "update.json").read_text()
    (recorded / "elsewhere.json").write_text(text.replace("123456789012", "999999999999"))
    script = "service-update --cluster demo --service web --taskdef web:1 > before"
    again = "service-update --cluster demo --service web --taskdef web:1 > after"
    after = f"{words} || echo $? > code; {again}"

    ended = go_live(recorded, after, script=script)

    assert ended.code == 0, ended.err
    assert (recorded / "code").read_text() == f"{code}\n"
    assert said in ended.err
    assert (recorded / "before").read_text() == (recorded / "after").read_text()


def test_without_credentials_it_is_not_begun(recorded: Path) -> None:
    ended = go_live(recorded, "update.json", "--yes",
                    script="unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY")  # fmt: skip

    assert ended.code == 5
    assert "there are no AWS credentials" in ended.err


def test_a_definition_whose_secrets_are_given_is_tried_dry(recorded: Path) -> None:
    ended = go_live(recorded, "definition.json", "--dry-run", "--file taskdef.json=taskdef.json")

    assert ended.code == 0, ended.err
    assert '"RegisterTaskDefinition"' in ended.out
    assert "hunter2" not in ended.out


def test_a_wait_is_done_once_more_with_another_deployment(recorded: Path) -> None:
    script = "D=$(service-update --cluster demo --service web --force-new-deployment)"

    ended = go_live(recorded, "wait.json", '--option "deployment=$D"', "--option report=r.json",
                    "--write-to out", script=script, scenario="failed")  # fmt: skip

    assert (ended.code, ended.out) == (3, "failed\n"), ended.err
    assert "file written  file=out/r.json" in ended.err
    assert not (recorded / "r.json").exists()
    assert '"outcome": "failed"' in (recorded / "out" / "r.json").read_text()


@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("n", 1)])
def test_somebody_is_asked_on_a_terminal(recorded: Path, typed: str, code: int) -> None:
    terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    (recorded / "terminal.py").write_text(terminal)

    ended = sandboxed(
        f"echo {typed} | python terminal.py ecsstep replay --live update.json", cwd=recorded
    )

    assert ended.code == code, ended.err
    assert (
        "this updates service 'web' in cluster 'demo', account 123456789012 (ap-northeast-1) as "
        in ended.out
    )
    assert ("service updated" in ended.out) is (code == 0)
