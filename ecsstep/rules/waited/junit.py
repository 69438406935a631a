"""JUnit's XML: one case per service. GitLab shows a failure's text, CodeBuild its message."""

from collections.abc import Iterator, Sequence

from ecsstep.rules.times import in_utc
from ecsstep.rules.waited.told import Told
from ecsstep.text import printable


def render(services: Sequence[Told], cluster: str) -> str:
    """Return the file's text."""
    failures = sum(not each.is_well for each in services)
    seconds = max((_seconds(each) for each in services), default=0.0)
    started = min(each.started for each in services)
    numbers = f'tests="{len(services)}" failures="{failures}"'
    suite = (
        f"  <testsuite name={_attribute(f'wait-stable {cluster}')} {numbers} "
        f'errors="0" skipped="0" time="{seconds:.3f}" '
        f'timestamp="{in_utc(started)[:-1]}">'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="wait-stable" {numbers}>',
        suite,
        *(line for each in services for line in _case(each, cluster)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(told: Told, cluster: str) -> Iterator[str]:
    # It brings all of urllib along, which is slow to start with.
    from xml.sax.saxutils import escape

    begin = (
        f"    <testcase classname={_attribute(f'wait-stable.{cluster}')} "
        f'name={_attribute(told.service)} time="{_seconds(told):.3f}">'
    )
    said = [told.message, *told.why, *told.runs, *([f"hint: {told.hint}"] if told.hint else [])]
    text = escape("\n".join(printable(line) for line in said))
    if told.is_well:
        yield f"{begin}<system-out>{text}</system-out></testcase>"
        return
    failure = f"<failure type={_attribute(told.outcome.word)} message={_attribute(told.message)}>"
    yield f"{begin}{failure}{text}</failure></testcase>"


def _seconds(told: Told) -> float:
    return (told.ended - told.started).total_seconds()


def _attribute(text: str) -> str:
    # It brings all of urllib along, which is slow to start with.
    from xml.sax.saxutils import quoteattr

    return quoteattr(printable(text))
