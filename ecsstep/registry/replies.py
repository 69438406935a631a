"""What a registry's answers say."""

import json
import re
from typing import Any

from ecsstep.errors import StepError
from ecsstep.registry.errors import Deed, refusal
from ecsstep.registry.wire import Answer
from ecsstep.rules.trouble import Trouble, trouble_of

_NOT_FOUND = 404


def listed(raw: bytes) -> tuple[str | None, int | None]:
    """Return the digest of a manifest's configuration, and how many layers stand beside it."""
    try:
        content = json.loads(raw)
        return str(content["config"]["digest"]), len(content["layers"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return None, None


def next_page(answer: Answer) -> str | None:
    """Return where the next page of a list is; None after the last."""
    found = re.search(r'<([^>]+)>;\s*rel="?next"?', answer.headers.get("link", ""))
    return found.group(1) if found else None


def _errors(answer: Answer) -> list[dict[str, Any]]:
    found = answer.json().get("errors")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def codes(answer: Answer) -> frozenset[str]:
    """Return the codes of the errors that an answer tells."""
    return frozenset(str(each.get("code", "")) for each in _errors(answer))


def refused(answer: Answer, deed: Deed) -> StepError:
    """Return the error for an answer that is a refusal."""
    errors = _errors(answer)
    words = "; ".join(str(each.get("message") or each.get("code")) for each in errors)
    trouble = trouble_of(answer.status, codes(answer), words)
    if answer.status == _NOT_FOUND and not errors:
        trouble = Trouble.NO_REPOSITORY
    return refusal(deed, trouble, words or f"'{deed.host}' answers {answer.status}")
