"""One self-contained HTML page: the cause on top, the timeline, then everything that was found."""

from collections.abc import Iterator, Sequence
from html import escape

from ecsstep.rules.outcome import sick
from ecsstep.rules.times import clock_time
from ecsstep.rules.waited.timeline import drawn
from ecsstep.rules.waited.told import Told
from ecsstep.text import printable

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem;border-top:1px solid #ccc;padding-top:1rem}
.bad{color:#b3261e}.well{color:#1b6e3c}.cause{background:#fff4e5;border-left:4px solid #e08600;
padding:.6rem .8rem}.next{background:#eef4fb;border-left:4px solid #2d6cc0;padding:.6rem .8rem}
pre{background:#f6f6f6;padding:.6rem;overflow:auto;font-size:13px}td,th{padding:.2rem .8rem .2rem 0;
text-align:left;vertical-align:top}code{font-size:13px;overflow-wrap:anywhere}svg{width:100%}
.axis{fill:none;stroke:#555}.grid{stroke:#e6e6e6}.tick{font-size:11px;fill:#666;text-anchor:middle}
.tick.end{text-anchor:end}.old{fill:#9aa7b5;fill-opacity:.45;stroke:#6c7a89}
.new{fill:#2d6cc0;fill-opacity:.35;stroke:#2d6cc0}.event{stroke:#777;stroke-width:2}
.stop{fill:#b3261e;fill-opacity:.8}.stage{stroke:#7a4fb5;stroke-dasharray:3 3}
.stage-name{font-size:10px;fill:#7a4fb5}.key i{display:inline-block;width:.8em;height:.8em;
margin:0 .3em 0 1em}
@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#e4e4e4}pre{background:#262626}
.cause{background:#3a2c12}.next{background:#16283d}.bad{color:#ff8a80}.well{color:#7bd49c}
.grid{stroke:#333}.tick{fill:#aaa}.axis{stroke:#aaa}}
""".strip()
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    """content="default-src 'none'; style-src 'unsafe-inline'">"""
)
_KEY = (
    '<p class="key"><i style="background:#2d6cc0"></i>new tasks'
    '<i style="background:#9aa7b5"></i>old tasks'
    '<i style="background:#b3261e"></i>stops<i style="background:#777"></i>events</p>'
)


def render(services: Sequence[Told], cluster: str) -> str:
    """Return the page. It loads nothing and runs nothing."""
    title = f"Deployment to {cluster}"
    lines = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        _POLICY,
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(title)}</h1>",
        *(line for each in services for line in _service(each)),
        "</body></html>",
    ]
    return "\n".join(lines) + "\n"


def _service(told: Told) -> Iterator[str]:
    kind = "well" if told.is_well else "bad"
    yield f'<h2>{_text(told.service)}: <span class="{kind}">{told.outcome.word}</span></h2>'
    if told.cause:
        says = f"<strong>Likely cause: {_text(told.cause.says)}.</strong> {_text(told.cause.hint)}."
        yield f'<p class="cause">{says}</p>'
    yield f"<p>{_text(told.outcome.reason)}</p>"
    if told.hint:
        yield f'<p class="next">Next: {_text(told.hint)}</p>'
    picture = drawn(told)
    if picture:
        yield from (picture, _KEY)
    yield f"<p>Deployment <code>{_text(told.deployment)}</code>, {_counts(told)}</p>"
    yield from _listed("Stopped tasks", [str(group) for group in told.groups])
    yield from _listed("Targets that aren't healthy", [sick(each) for each in told.targets])
    yield from _listed(
        "Service events", [f"{clock_time(each.at)} {each.text}" for each in told.events]
    )
    if told.log and told.log[1]:
        name, said = told.log
        yield f"<h3>Last log lines of container {_text(name)}</h3>"
        yield f"<pre>{_text(chr(10).join(said), lines=True)}</pre>"
    yield from _listed("Images", told.runs)


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<h3>{title}</h3><ul>"
        yield from (f"<li>{_text(line)}</li>" for line in lines)
        yield "</ul>"


def _counts(told: Told) -> str:
    counts = told.counts
    return f"{counts['running']} of {counts['desired']} tasks running, {counts['failed']} failed"


def _text(text: str, *, lines: bool = False) -> str:
    return escape(printable(text, lines=lines))
