"""The umbrella command."""

import runpy

import pytest

from ecsstep import __version__, cli
from ecsstep.core.help import summary
from ecsstep.errors import Exit


def test_help_lists_every_step_with_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == Exit.OK

    out = capsys.readouterr().out
    for name in cli.STEPS:
        assert f"  {name:<18}{summary(cli.step(name).about)}\n" in out
    assert "  sandbox           Run a command" in out


def test_nothing_at_all_is_a_mistake_that_shows_the_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["ecsstep"])

    assert cli.main() == Exit.USAGE

    assert "usage: ecsstep STEP" in capsys.readouterr().err


@pytest.mark.parametrize("name", cli.STEPS)
def test_a_step_is_found_by_its_name_and_runs(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    step = cli.step(name)

    assert step.name == name
    assert cli.main([name, "--version"]) == Exit.OK
    assert capsys.readouterr().out == f"{name} {__version__}\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == Exit.OK

    assert capsys.readouterr().out == f"ecsstep {__version__}\n"


def test_a_name_that_is_no_step_is_told_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["wait-stabel\x1b[1m"]) == Exit.USAGE

    said = capsys.readouterr()
    assert said.out == ""
    assert "there is no step 'wait-stabel'; did you mean 'wait-stable'?" in said.err


@pytest.mark.parametrize("name", cli.BESIDE)
def test_what_stands_beside_the_steps_has_a_help_of_its_own(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([name, "--help"]) == Exit.OK

    assert capsys.readouterr().out.startswith(f"usage: ecsstep {name} ")


def test_python_runs_the_package_as_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["ecsstep", "--version"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("ecsstep", run_name="__main__")

    assert (ended.value.code, capsys.readouterr().out) == (Exit.OK, f"ecsstep {__version__}\n")
