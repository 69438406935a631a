"""The way through a whole record: every text in it is looked at twice.

The first time to learn what is secret, the second time to replace it; so a secret that shows at the
end is gone at the beginning too.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ecsstep.rules.redaction import commands, places
from ecsstep.rules.redaction.hidden import Hidden, Pieces
from ecsstep.rules.redaction.passes import Deed, Learning, Replacing
from ecsstep.rules.redaction.redactor import KNOWN, Redaction, Redactor
from ecsstep.rules.redaction.spelling import as_login, login, parts

_DEEPEST = 200
_LARGEST_JSON = 8 * 1024 * 1024
_MOST_BLANKS = 1000
_OPENED = re.compile(r"\s*[{\[]")
# Members whose texts were said by a program, or are said to a shell.
_SPOKEN = frozenset({"why", "command", "entryPoint", "Cmd", "Entrypoint", "CMD", "argv"})


def redacted(document: Any, *, public: Iterable[str] = (), known: Iterable[str] = ()) -> tuple[
    Any, tuple[Redaction, ...]
]:  # fmt: skip
    """Return a JSON value without its secrets, and what was taken out.

    Args:
        document: The value; texts in it may be :class:`Hidden` or :class:`Pieces`.
        public: Names that are no secret, whatever else has the same value; what is known is.
        known: Secrets that are known already.
    """
    redactor = Redactor(public)
    for secret in known:
        redactor.declare(parts(secret)[1], KNOWN)
    _visit(document, Learning(redactor), name="", above="", place="", depth=0)
    clean = _visit(document, Replacing(redactor), name="", above="", place="", depth=0)
    return clean, redactor.redactions()


def _visit(  # noqa: PLR0913, PLR0917 - where we are has so many parts
    value: Any, deed: Deed, name: str, above: str, place: str, depth: int
) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    inner = depth + 1
    if isinstance(value, Hidden):
        return _secret(str(value), value.kind, deed, place, is_strong=value.is_strong)
    if isinstance(value, Pieces):
        return "".join(str(_visit(each, deed, "", "", place, inner)) for each in value)
    if isinstance(value, str):
        return _text(value, deed, name, above, place, inner)
    if isinstance(value, Mapping):
        told = places.told_by_its_name(value)
        return {
            deed.key(str(key), place): _environment(each, deed, f"{place}.{key}")
            if key in places.ENVIRONMENTS and isinstance(each, (list, Mapping))
            else _leaves(each, deed, f"{place}.{key}")
            if key == told or key in places.HEADERS
            else _visit(each, deed, str(key), name, f"{place}.{key}".lstrip("."), inner)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        is_words = all(type(each) is str for each in value)
        return [
            _visit(each, deed, name, above, f"{place}[{_called(at, each)}]", inner)
            for at, each in enumerate(commands.words(value) if is_words else value)
        ]
    if places.kind_of(name, above) and not isinstance(value, (bool, type(None))):
        return _secret(str(value), places.PASSWORD, deed, place, is_strong=True)
    return value


def _called(at: int, value: Any) -> str:
    found = value.get("name") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) and found else str(at)


def _environment(value: Any, deed: Deed, place: str) -> Any:
    """Return an environment without its values; whatever else is in it stays."""
    made = [dict(each) if isinstance(each, Mapping) else each for each in value] \
        if isinstance(value, list) else dict(value)  # fmt: skip
    for (holder, key), name in places.variables_in(made):
        strong = places.is_secret_variable(name)
        where = f"{place}[{name}]"
        found = holder[key]
        if isinstance(found, str) and isinstance(holder, list):
            head, equals, text = found.partition("=")
            holder[key] = head + equals + _variable(text, deed, where, is_strong=strong)
        elif isinstance(found, str):
            holder[key] = _variable(found, deed, where, is_strong=strong)
    for each in made if isinstance(made, list) else ():
        if isinstance(each, dict):
            for key in each.keys() - {"value"}:
                each[key] = _visit(each[key], deed, str(key), "", place, 0)
    return made


def _variable(value: str, deed: Deed, place: str, *, is_strong: bool) -> str:
    # What looks like a secret in it is one, whatever else is around it.
    deed.look(value)
    return deed.secret(value, places.VARIABLE, place, is_strong=is_strong)


def _text(  # noqa: PLR0913, PLR0917 - as above
    value: str, deed: Deed, name: str, above: str, place: str, depth: int
) -> str:
    kind = places.kind_of(name, above)
    if kind:
        return _secret(value, kind, deed, place, is_strong=True)
    inside, is_whole = _json_in(value)
    if inside is not None:
        changed = _visit(inside, deed, "", "", place, depth)
        if changed != inside or not is_whole:
            return json.dumps(changed, indent=2, ensure_ascii=False)
    # A container's own words, our lines that repeat them, and a line for a shell.
    is_log = (name, above) == ("message", "events") or name in _SPOKEN
    return deed.text(value, place, is_log=is_log)


def _json_in(text: str) -> tuple[Any, bool]:
    """Return the object or list in a text, and whether nothing in it has a name twice."""
    if text[:_MOST_BLANKS].lstrip()[:1] not in {"{", "["} or len(text) > _LARGEST_JSON:
        return None, True
    counts: list[bool] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        counts.append(len(found) == len(pairs))
        return found

    try:
        return json.loads(text, object_pairs_hook=members), all(counts)
    except (ValueError, RecursionError):
        return None, True


def _secret(value: str, kind: str, deed: Deed, place: str, *, is_strong: bool) -> str:
    """Return what stands for a secret, in the form that a reader of it expects."""
    pair = login(value) if kind == places.LOGIN else None
    if pair:
        deed.learn(value, kind)
        return as_login(pair[0], deed.secret(pair[1], places.PASSWORD, place))
    inside = _json_in(value)[0] if kind == places.PASSWORD else None
    if isinstance(inside, (dict, list)):
        deed.learn(value, kind)
        return json.dumps(_leaves(inside, deed, place))
    begin = _OPENED.match(value) if kind == places.PASSWORD else None
    if begin:  # a broken object, which has to stay one
        return begin[0] + deed.secret(value[begin.end() :], kind, place)
    head, tail = parts(value) if is_strong else ("", value)
    return head + deed.secret(tail, kind, place, is_strong=is_strong)


def _leaves(value: Any, deed: Deed, place: str) -> Any:
    """Return a secret that is an object, with its form."""
    if isinstance(value, dict):
        return {key: _leaves(each, deed, f"{place}.{key}") for key, each in value.items()}
    if isinstance(value, list):
        return [_leaves(each, deed, place) for each in value]
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return deed.secret(str(value), places.PASSWORD, place)
    return value
