"""A notice as a message of Slack's.

What comes from outside stands in code spans, so that nothing in it is a mention, a link or bold:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from typing import Any

from ecsstep.rules.links import Link
from ecsstep.rules.notices.notice import Mood, Notice
from ecsstep.text import in_a_line

# https://docs.slack.dev/reference/block-kit/blocks/section-block
_MOST_IN_BLOCK = 3000
_MOST_FIELDS = 10
_MOST_IN_FIELD = 2000
_LONGEST_LINE = 300
_LONGEST_NAME = 150
_COLOURS = {Mood.WELL: "#2eb67d", Mood.BAD: "#e01e5a", Mood.ODD: "#ecb22e"}
_GREY = "#868686"
_SIGNS = {Mood.WELL: "✅", Mood.BAD: "❌", Mood.ODD: "⚠️"}
_QUESTION = "❔"
_LINK_BREAKERS = re.compile(r"[<>|\s\"`]")


def message(notice: Notice) -> dict[str, Any]:
    """Return the JSON that an incoming webhook takes."""
    sign = _SIGNS.get(notice.mood, _QUESTION)
    blocks = [*_reason(notice), *_fields(notice), *_why(notice), *_links(notice)]
    colour = _COLOURS.get(notice.mood, _GREY)
    attachments = [{"color": colour, "blocks": blocks}] if blocks else []
    headline = f"{sign} {span(notice.subject)}: *{escaped(notice.word)}*"
    return {"text": headline, **({"attachments": attachments} if attachments else {})}


def escaped(text: str, most: int = _LONGEST_LINE) -> str:
    """Return outside text as one line in which Slack finds no mention, no link and no code."""
    plain = in_a_line(text.replace("`", "'"), most).replace("&", "&amp;")
    return plain.replace("<", "&lt;").replace(">", "&gt;")


def span(text: str, most: int = _LONGEST_NAME) -> str:
    """Return outside text as a code span, in which nothing has a meaning."""
    return f"`{escaped(text, most).strip() or '-'}`"


def _reason(notice: Notice) -> list[dict[str, Any]]:
    return [_section(span(notice.reason, _LONGEST_LINE))] if notice.reason else []


def _fields(notice: Notice) -> list[dict[str, Any]]:
    fields = [
        {"type": "mrkdwn", "text": f"*{escaped(name, 50)}*\n{span(value)}"}
        for name, value in notice.facts[:_MOST_FIELDS]
    ]
    return [{"type": "section", "fields": fields}] if fields else []


def _why(notice: Notice) -> list[dict[str, Any]]:
    lines: list[str] = []
    hint = [f"next: {notice.hint}"] if notice.hint else []
    for line in (*notice.why, *hint):
        said = span(line, _LONGEST_LINE)
        if sum(len(each) + 1 for each in lines) + len(said) > _MOST_IN_BLOCK:
            break
        lines.append(said)
    return [_section("\n".join(lines))] if lines else []


def _links(notice: Notice) -> list[dict[str, Any]]:
    found = [_link(each) for each in notice.links][:_MOST_FIELDS]
    elements = [{"type": "mrkdwn", "text": text} for text in found if len(text) <= _MOST_IN_FIELD]
    return [{"type": "context", "elements": elements}] if elements else []


def _link(link: Link) -> str:
    url = _LINK_BREAKERS.sub(lambda found: f"%{ord(found[0]):02X}", link.url)
    label = escaped(link.label.replace("|", "/"), _LONGEST_NAME)
    return f"<{url.replace('&', '&amp;')}|{label}>"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
