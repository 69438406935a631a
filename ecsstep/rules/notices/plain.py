"""A notice as plain text, and as a message of SNS's."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ecsstep.rules.notices.notice import Notice
from ecsstep.text import in_a_line

# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: less than 100 characters; mail
# that isn't ASCII arrives as question marks, so they are put in here.
_LONGEST_SUBJECT = 99
# 256 KiB in all; nobody reads so much.
_MOST_BYTES = 64 * 1024
_LONGEST_LINE = 1000
_GROUP = re.compile(r"[^A-Za-z0-9!-/:-@\[-`{-~]", re.ASCII)
_MOST_IN_GROUP = 128


def text(notice: Notice) -> str:
    """Return the message as lines of text, with no final line end."""
    lines = [_line(notice.headline), *([_line(notice.reason)] if notice.reason else []), ""]
    lines += [f"{_line(name)}: {_line(value)}" for name, value in notice.facts]
    lines += ["", *(_line(each) for each in notice.why)] if notice.why else []
    lines += ["", f"next: {_line(notice.hint)}"] if notice.hint else []
    lines += ["", *(f"{_line(each.label)}: {_line(each.url)}" for each in notice.links)]
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return whole.encode()[:_MOST_BYTES].decode(errors="ignore")


def subject(notice: Notice) -> str:
    """Return a subject that every mail program can show."""
    line = in_a_line(notice.headline, 10 * _LONGEST_SUBJECT).encode("ascii", "replace").decode()
    return line[:_LONGEST_SUBJECT].strip() or "deployment"


def publication(notice: Notice, topic: str) -> Mapping[str, Any]:
    """Return the Publish request; its attribute ``outcome`` is for subscriptions that filter.

    A FIFO topic keeps the order by group, and needs a name for the same message sent twice.
    """
    body = text(notice)
    request: dict[str, Any] = {
        "TopicArn": topic,
        "Subject": subject(notice),
        "Message": body,
        "MessageAttributes": {
            "outcome": {"DataType": "String", "StringValue": _line(notice.word) or "unknown"}
        },
    }
    if topic.endswith(".fifo"):
        group = _GROUP.sub("-", notice.subject)[:_MOST_IN_GROUP]
        request["MessageGroupId"] = group or "deployment"
        request["MessageDeduplicationId"] = hashlib.sha256(body.encode()).hexdigest()
    return request


def _line(said: str) -> str:
    return in_a_line(said, _LONGEST_LINE)
