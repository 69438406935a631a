#!/usr/bin/env python3
"""The shell of article 002 beside scan-gate, on the same stories: who is wrong where.

    .venv/bin/python benchmarks/gate.py [STORY...]

Needs the AWS CLI, jq and the sandbox's extra. The shell runs twice: as the article writes it, and
with the `|| true` that people add when the first command fails on an image that was scanned on
push. CodeBuild runs its lines one by one and stops at the first that fails. The CLI's waiter waits
as often as it does in the cloud, on the sandbox's faster clock.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SPEED = 50
_WAIT_SECONDS = 5.0
_TIMEOUT_SECONDS = 15 * 60
_GREEN = "passes"
_RED = "stops"

# The article's lines, one entry each; a failing one ends the build.
_START = (
    "aws ecr start-image-scan --repository-name $IMAGE_REPO_NAME --image-id imageTag=$IMAGE_TAG"
)
_WAIT = (
    "aws ecr wait image-scan-complete --repository-name $IMAGE_REPO_NAME "
    "--image-id imageTag=$IMAGE_TAG"
)
_JUDGE = """
SCAN_FINDINGS=$(aws ecr describe-image-scan-findings \
  --repository-name $IMAGE_REPO_NAME \
  --image-id imageTag=$IMAGE_TAG \
  --query 'imageScanFindings.findingSeverityCounts' \
  --output json)
CRITICAL=$(echo $SCAN_FINDINGS | jq '.CRITICAL // 0')
HIGH=$(echo $SCAN_FINDINGS | jq '.HIGH // 0')
if [ "$CRITICAL" -gt 0 ] || [ "$HIGH" -gt 0 ]; then
  exit 1
fi
"""
AS_WRITTEN = (_START, _WAIT, _JUDGE)
TOLERANT = (f"{_START} || true", f"{_WAIT} || true", _JUDGE)


@dataclass(frozen=True, kw_only=True)
class Story:
    """One image and the truth about it.

    Attributes:
        scenario: The sandbox's scenario.
        passes: Whether the image may be deployed.
        about: Why.
        image: The image; a new one is pushed as the story begins.
        speed: Sandbox seconds in a second; fewer where the AWS CLI's own start would miss the
            story's beginning.
    """

    scenario: str
    passes: bool
    about: str
    image: str = "app:new"
    speed: int = SPEED


STORIES = (
    Story(scenario="steady", passes=True, about="scanned on push, nothing found"),
    Story(scenario="scan-enhanced", passes=True, about="enhanced scanning, nothing found"),
    Story(scenario="scan-suppressed", passes=True, about="suppressed in Inspector"),
    Story(scenario="scan-stumbling", passes=True, about="throttled twice"),
    Story(scenario="findings", passes=False, about="CRITICAL, on the second page"),
    Story(scenario="scan-by-hand", passes=False, about="CRITICAL, found by a scan by hand"),
    Story(scenario="findings-enhanced", passes=False, about="CRITICAL, enhanced scanning"),
    Story(scenario="slow-scan", passes=True, about="takes a minute, nothing found"),
    Story(scenario="scan-partial", passes=False, about="ACTIVE with one LOW first, then CRITICAL"),
    Story(scenario="scan-late", passes=False, about="ACTIVE and empty first, then CRITICAL"),
    Story(
        scenario="scan-late-complete", passes=False, about="COMPLETE and empty, then CRITICAL",
        speed=10,
    ),
    Story(scenario="scan-pages", passes=False, about="CRITICAL on the third page"),
    Story(scenario="scan-list-only", passes=False, about="CRITICAL listed, but not counted"),
    Story(scenario="scan-counts-only", passes=False, about="CRITICAL counted, but not listed"),
    Story(
        scenario="scan-platforms", passes=False, about="CRITICAL on one platform", image="multi:v1"
    ),
    Story(
        scenario="scan-passed-over", passes=False, about="Inspector passes over one platform",
        image="multi:v1",
    ),
    Story(
        scenario="scan-hidden-counts", passes=False,
        about="CRITICAL counted, and only a suppressed one listed",
    ),
    Story(scenario="scan-no-fix", passes=False, about="CRITICAL without a fix"),
    Story(scenario="scan-hostile", passes=False, about="CRITICAL, with hostile texts"),
    Story(
        scenario="scan-once-a-day", passes=False, about="CRITICAL, the scan on push shows up late"
    ),
    Story(
        scenario="scan-old", passes=False, about="old scan clean, new one CRITICAL",
        image="app:v1.0.0",
    ),
    Story(
        scenario="scan-old-enhanced", passes=False, about="old scan, and none can be started",
        image="app:v1.0.0",
    ),
    Story(scenario="never-scanned", passes=False, about="no scan takes place"),
    Story(scenario="scan-uncovered", passes=False, about="no scanning rule covers it"),
    Story(scenario="scan-failed", passes=False, about="the scan fails"),
    Story(scenario="scan-unsupported", passes=False, about="can't be scanned"),
    Story(scenario="scan-too-large", passes=False, about="too large to scan"),
    Story(scenario="scan-expired", passes=False, about="no longer scanned"),
    Story(scenario="scan-quota", passes=False, about="quota of scans used up"),
    Story(scenario="scan-unavailable", passes=False, about="no findings to give"),
    Story(scenario="scan-archived", passes=False, about="archived"),
    Story(scenario="scan-stateless", passes=False, about="an answer without a state"),
    Story(scenario="scan-unfilled", passes=False, about="COMPLETE without a result"),
    Story(scenario="scan-unknown-state", passes=False, about="a state nobody knows"),
    Story(scenario="scan-throttled", passes=False, about="every look is throttled"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """How each of them ended: an exit code."""

    story: Story
    as_written: int
    tolerant: int
    gate: int


def main(argv: Sequence[str]) -> int:
    """Run the stories and print the table; 0 where scan-gate is right everywhere."""
    wanted = [story for story in STORIES if not argv or story.scenario in argv]
    rows = []
    for story in wanted:
        rows.append(measured(story))
        print(f"{story.scenario}: done", file=sys.stderr)
    print("\n".join(table(rows)))
    return int(any(is_wrong(row.story, row.gate) for row in rows))


def measured(story: Story) -> Row:
    """Tell a story three times, to each of them from its beginning."""
    return Row(
        story=story,
        as_written=_told(story, AS_WRITTEN),
        tolerant=_told(story, TOLERANT),
        gate=_told(story, (f"exec scan-gate {story.image}",)),
    )


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the table's lines, in Markdown."""
    yield "| story | truth | article's shell | the same with `\\|\\| true` | scan-gate |"
    yield "|---|---|---|---|---|"
    for row in rows:
        truth = _GREEN if row.story.passes else _RED
        ends = (row.as_written, row.tolerant, row.gate)
        cells = " | ".join(_verdict(row.story, code) for code in ends)
        yield f"| {row.story.about} | {truth} | {cells} |"
    wrong = [
        sum(is_wrong(row.story, code) for row, code in zip(rows, codes, strict=True))
        for codes in zip(*((row.as_written, row.tolerant, row.gate) for row in rows), strict=True)
    ]
    yield f"| **wrong** | of {len(rows)} | {' | '.join(f'**{count}**' for count in wrong)} |"


def is_wrong(story: Story, code: int) -> bool:
    """Whether this exit code is not the truth."""
    return (code == 0) is not story.passes


def _verdict(story: Story, code: int) -> str:
    if not is_wrong(story, code):
        return f"right ({code})"
    return f"**falsely green** ({code})" if code == 0 else f"falsely red ({code})"


def _told(story: Story, lines: Sequence[str]) -> int:
    """Return the exit code of the first line that fails, or 0."""
    from ecsstep.sandbox.server import Sandbox
    from ecsstep.sandbox.stock import put_image

    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(story.scenario, speed=story.speed) as sandbox,
    ):
        repository = sandbox.images.repository(sandbox.region, "app")
        put_image(sandbox.images, repository, tag="new", text="new")
        name, _, tag = story.image.partition(":")
        environ = {
            **sandbox.environ(),
            "IMAGE_REPO_NAME": name,
            "IMAGE_TAG": tag,
            "AWS_MAX_ATTEMPTS": "3",
            # The gate's default on the sandbox's clock, as its other times are there already.
            "ECSSTEP_TIMEOUT": f"{_TIMEOUT_SECONDS / story.speed:.0f}s",
            "AWS_DATA_PATH": str(_scaled_waiters(Path(folder), story.speed)),
        }
        return next(filter(None, (_ended(line, environ) for line in lines)), 0)


def _ended(line: str, environ: Mapping[str, str]) -> int:
    done = subprocess.run(
        ["sh", "-c", line],
        env=dict(environ), capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode


def _scaled_waiters(folder: Path, speed: int) -> Path:
    """Return a folder of models whose waiter for scans keeps the sandbox's time."""
    from botocore.loaders import Loader

    waiters = Loader().load_service_model("ecr", "waiters-2")
    waiters["waiters"]["ImageScanComplete"]["delay"] = _WAIT_SECONDS / speed
    place = folder / "ecr" / "2015-09-21"
    place.mkdir(parents=True)
    (place / "waiters-2.json").write_text(json.dumps(waiters), encoding="utf-8")
    return folder


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    sys.exit(main(sys.argv[1:]))
