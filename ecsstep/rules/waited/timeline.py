"""A deployment's course as an SVG: old and new tasks over time, with events and stops as marks."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from html import escape

from ecsstep.rules.times import clock_time
from ecsstep.rules.waited.told import Moment, Told
from ecsstep.text import printable
from ecsstep.value import Value

_WIDTH, _HEIGHT = 840, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 20, 16, 44
_TICKS = 6
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)


class _Scale(Value):
    """Where a time and a number of tasks stand in the drawing."""

    start: dt.datetime
    seconds: float
    most: int

    def x(self, at: dt.datetime) -> float:
        part = (at - self.start).total_seconds() / self.seconds
        return _LEFT + min(max(part, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, count: float) -> float:
        return _HEIGHT - _BOTTOM - count / self.most * (_HEIGHT - _TOP - _BOTTOM)


def drawn(told: Told) -> str:
    """Return the SVG; nothing where nothing was ever seen."""
    if not told.timeline:
        return ""
    scale = _scale(told)
    label = f'role="img" aria-label="tasks over time of {_text(told.service)}"'
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" {label}>',
        *_axes(scale),
        _area(told, scale, lambda each: each.others, "old"),
        _area(told, scale, lambda each: each.running, "new"),
        *_marks(told, scale),
        "</svg>",
    ]
    return "\n".join(parts)


def _scale(told: Told) -> _Scale:
    start = min(told.started, told.timeline[0].at)
    end = max(told.ended, told.timeline[-1].at)
    counts = [max(each.running, each.others, each.desired) for each in told.timeline]
    return _Scale(
        start=start, seconds=max((end - start).total_seconds(), 1.0), most=max(*counts, 1)
    )


def _axes(scale: _Scale) -> Iterator[str]:
    base = scale.y(0)
    yield f'<path class="axis" d="M{_LEFT} {_TOP}V{base:.1f}H{_WIDTH - _RIGHT}"/>'
    for count in sorted({0, scale.most // 2, scale.most}):
        yield f'<text class="tick end" x="{_LEFT - 6}" y="{scale.y(count) + 4:.1f}">{count}</text>'
    step = next((each for each in _STEPS if scale.seconds / each <= _TICKS), _STEPS[-1])
    for number in range(int(scale.seconds // step) + 1):
        at = scale.start + dt.timedelta(seconds=number * step)
        x = scale.x(at)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{base:.1f}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{base + 16:.1f}">{_elapsed(number * step)}</text>'


def _area(told: Told, scale: _Scale, count: Callable[[Moment], int], name: str) -> str:
    base = scale.y(0)
    first = told.timeline[0]
    path = [f"M{scale.x(first.at):.1f} {base:.1f}V{scale.y(count(first)):.1f}"]
    path += [f"H{scale.x(each.at):.1f}V{scale.y(count(each)):.1f}" for each in told.timeline[1:]]
    path.append(f"H{scale.x(told.ended):.1f}V{base:.1f}Z")
    return f'<path class="{name}" d="{"".join(path)}"/>'


def _marks(told: Told, scale: _Scale) -> Iterator[str]:
    base = scale.y(0)
    for event in told.events:
        x = scale.x(event.at)
        yield (
            f'<path class="event" d="M{x:.1f} {base + 22:.1f}v10">'
            f"<title>{clock_time(event.at)} {_text(event.text)}</title></path>"
        )
    for group in told.groups:
        for moment in group.moments:
            x = scale.x(moment)
            yield (
                f'<circle class="stop" cx="{x:.1f}" cy="{base:.1f}" r="5">'
                f"<title>{_text(str(group))}</title></circle>"
            )
    yield from _stages(told.timeline, scale)


def _stages(timeline: Sequence[Moment], scale: _Scale) -> Iterator[str]:
    before = ""
    for each in timeline:
        if each.stage and each.stage != before:
            x = scale.x(each.at)
            yield f'<path class="stage" d="M{x:.1f} {_TOP}V{scale.y(0):.1f}"/>'
            place = f'x="{x + 3:.1f}" y="{_TOP + 8}"'
            yield f'<text class="stage-name" {place}>{_text(each.stage)}</text>'
        before = each.stage


def _elapsed(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _text(text: str) -> str:
    return escape(printable(text))
