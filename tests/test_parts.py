"""What the machine lacks is said in one line, also where many processes run the tests."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from processes import ROOT

TESTS = """
import parts
import pytest

@pytest.mark.real("docker", "skopeo")
def test_with_an_engine():
    pass

@pytest.mark.parametrize("number", range(4))
def test_without(number):
    pass

def test_of_a_report():
    parts.need("schemas")
"""


def summary(folder: Path, *more: str, **variables: str) -> tuple[int, str]:
    """Run the tests above, with our conftest, on a machine without any program."""
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_of_parts.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = real\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more, str(folder)],
        env={"PATH": str(folder), "PYTHONPATH": str(ROOT / "tests"), **variables},
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "two processes"])
def test_what_was_missed_is_told_by_any_number_of_processes(
    tmp_path: Path, processes: list[str]
) -> None:
    code, said = summary(tmp_path, *processes)

    assert code == 0, said
    assert "real parts that were not there: docker, schemas, skopeo" in said.splitlines()


def test_what_is_required_is_a_failure_but_the_schemas_are_asked_for_by_their_folder(
    tmp_path: Path,
) -> None:
    _, unsaid = summary(tmp_path, ECSSTEP_REAL_PARTS="required")
    _, said = summary(
        tmp_path, "-n", "2", ECSSTEP_REAL_PARTS="required", ECSSTEP_SCHEMAS=str(tmp_path)
    )

    assert "4 passed, 1 skipped, 1 error" in unsaid
    assert "1 failed, 4 passed, 1 error" in said
    assert "real parts that were not there: docker, schemas, skopeo" in unsaid.splitlines()


def test_where_everything_is_there_that_is_told(tmp_path: Path) -> None:
    code, said = summary(tmp_path, "-n", "2", "-k", "without")

    assert code == 0, said
    assert "every real part that a test asked for was there" in said.splitlines()
