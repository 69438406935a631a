"""docs/when-red.md has every exit code, outcome, cause and state of the code, and no other."""

import re
from pathlib import Path

import pytest

import ecsstep
from ecsstep.errors import Exit
from ecsstep.rules import scan_ends
from ecsstep.rules.causes import catalogue
from processes import ROOT

HOME = Path(ecsstep.__file__).parent
DOCUMENT = (ROOT / "docs/when-red.md").read_text()
# Strings that stand side by side in the code are one text.
JOINED = re.compile(r'["\']\s*\n?\s*f?["\']')
CODE = "\n".join(
    JOINED.sub("", path.read_text())
    for path in HOME.rglob("*.py")
    if "sandbox" not in path.relative_to(HOME).parts
)
# What AWS says, not we.
AWS = {"because no session policy allows", "explicit deny in a service control policy"}


def section(title: str) -> str:
    """Return what stands under a heading, up to the next one of its rank or above."""
    rank = title.partition(" ")[0]
    after = DOCUMENT.partition(f"\n{title}\n")[2]
    assert after, title
    return re.split(rf"\n#{{1,{len(rank)}}} ", after)[0]


def rows(title: str) -> list[list[str]]:
    """Return the cells of the rows under a heading, heads of tables aside."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    heads = {line.split("|")[1].strip() for line in re.findall(r"(.*)\n\|---", section(title))}
    return [cells for cells in found if cells[0] not in heads]


def words_of(path: str) -> set[str]:
    """Return the outcomes that a module names."""
    named = re.findall(r'word="([a-z-]+)"|_bad\("([a-z-]+)"', (HOME / path).read_text())
    return {one or other for one, other in named}


def test_every_exit_code_has_its_row_and_its_name() -> None:
    found = {(int(cells[0]), cells[1]) for cells in rows("## Exit codes") if cells[0].isdigit()}

    assert found == {(code.value, code.name.lower()) for code in Exit}


def test_every_bad_exit_code_is_explained() -> None:
    headings = " ".join(re.findall(r"^### (.*)$", DOCUMENT, re.MULTILINE))

    for code in Exit:
        assert code is Exit.OK or re.search(rf"\b{code.value}\b", headings), code


def test_every_cause_stands_there_in_its_own_words() -> None:
    found = {(cells[0].strip("`"), cells[1]) for cells in rows("## Causes")}

    assert found == {(cause.name, cause.says) for cause in catalogue()}


def test_every_outcome_of_a_wait_and_of_a_task_stands_there() -> None:
    tables = section("### 3 and 124: outcomes").split("`task-run` prints")
    found = [set(re.findall(r"^\| `([a-z-]+)` \| \d", each, re.MULTILINE)) for each in tables]

    assert found[0] == words_of("rules/outcome.py")
    assert found[1] == words_of("rules/errand/told.py")


def test_every_state_of_a_scan_without_a_result_stands_there() -> None:
    table = section("### 3 and 124: outcomes")

    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == set(scan_ends.DEAD_ENDS)


def quoted() -> list[str]:
    """Return what the steps are said to say."""
    tables = [rows("### 2 usage"), rows("### 5 access")]
    cells = [cells[0] for table in tables for cells in table]
    cells += [cells[1] for cells in rows("### 1 refused")]
    found = [text for cell in cells for text in re.findall(r"`([^`]+)`", cell)]
    parts = [
        part.strip(" ;'")
        for text in found
        for part in re.split(r"…|;|'[^']*'|\d+(?: CRITICAL)?", text)
    ]
    return sorted({part for part in parts if len(part) > 3} - AWS)


@pytest.mark.parametrize("words", quoted())
def test_what_a_step_is_said_to_say_it_says(words: str) -> None:
    # Figures and names are made up.
    pattern = re.escape(words).replace(r"\ ", r"\s+")

    assert re.search(pattern, CODE), words


def test_links_lead_to_documents_and_headings_that_exist() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", DOCUMENT, re.MULTILINE)
    }

    for target in re.findall(r"\]\(([^)]+)\)", DOCUMENT):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (ROOT / "docs" / target).is_file(), target
