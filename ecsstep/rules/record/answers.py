"""What an answer of each kind has to look like, before anybody rests on it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_DEEPEST = 6
_LOWEST_STATUS, _HIGHEST_STATUS = 100, 999
_MOST_BYTES = 2**50
_MOST_ATTEMPTS = 1000


def check(kind: str, do: Any, answer: Mapping[str, Any], place: str) -> None:
    """Find out whether an answer is one of its kind.

    Args:
        kind: The entry's kind.
        do: What was done, for kinds that do several things.
        answer: The answer.
        place: Where it stands.

    Raises:
        ValueError: It is not; the error names the place.
    """
    for name, value in answer.items():
        is_right = _MEMBERS.get(kind, {}).get(name) or _EVERYWHERE.get(name)
        if is_right is not None and not is_right(value):
            raise ValueError(f"'{place}.{name}' is not what such an answer has there")
    if "error" in answer or "os_error" in answer or "broken" in answer:
        return
    needed = _NEEDED.get(kind) or _NEEDED_FOR.get((kind, str(do)), ())
    missing = [name for name in needed if name not in answer]
    if missing:
        raise ValueError(f"'{place}' lacks '{missing[0]}'")


def _is_whole(value: Any, least: int = 0, most: int = _MOST_BYTES) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w-]{1,64}", value, re.ASCII) is not None


def _is_body(value: Any) -> bool:
    return isinstance(value, bytes)


def _is_content(value: Any) -> bool:
    return _is_body(value) or (
        isinstance(value, dict) and value.keys() == {"left_out"} and _is_whole(value["left_out"])
    )


def _is_status(value: Any) -> bool:
    return _is_whole(value, _LOWEST_STATUS, _HIGHEST_STATUS)


def _are_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_manifest(value: Any, depth: int = 0) -> bool:
    return (
        isinstance(value, dict)
        and depth < _DEEPEST
        and all(_is_text(value.get(name)) for name in ("digest", "mediaType", "raw"))
        and _are_texts(value.get("absent"))
        and isinstance(value.get("blobs"), list)
        and all(map(_is_blob, value["blobs"]))
        and isinstance(value.get("children"), list)
        and all(_is_manifest(each, depth + 1) for each in value["children"])
    )


def _is_blob(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_text(value.get("digest"))
        and _is_whole(value.get("size"))
        and isinstance(value.get("here"), bool)
        and isinstance(value.get("origins"), list)
        and all(_are_texts(each) and len(each) == 2 for each in value["origins"])  # noqa: PLR2004 - host and name
    )


_IsRight = Callable[[Any], bool]
_EVERYWHERE: Mapping[str, _IsRight] = {"error": _is_object, "os_error": _is_object}
_HTTP: Mapping[str, _IsRight] = {
    "status": _is_status,
    "headers": _are_headers,
    "body": _is_body,
    "broken": _is_text,
}
_MEMBERS: Mapping[str, Mapping[str, _IsRight]] = {
    "aws": {**_HTTP, "broken": _is_object},
    "http": _HTTP,
    "run": {"code": lambda it: _is_whole(it, -255), "stdout": _is_body, "stderr": _is_body},
    "file": {"content": _is_content, "is": lambda it: isinstance(it, bool)},
    "stdin": {"content": _is_content, "is": lambda it: isinstance(it, bool)},
    "image": {
        "identity": _are_texts,
        "config": _is_text,
        "layers": _is_whole,
        "manifest": _is_manifest,
        "revisions": _are_texts,
    },
    "identity": {"method": lambda it: it is None or _is_text(it), "broken": _is_object},
    "setting": {
        "value": lambda it: it is None or _is_whole(it, most=_MOST_ATTEMPTS) or _is_name(it),
        "broken": _is_object,
    },
    "interrupt": {"signal": _is_text},
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "aws": ("status",),
    "http": ("status",),
    "run": ("code", "stdout", "stderr"),
}
_NEEDED_FOR: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("file", "read"): ("content",),
    **{("file", do): ("is",) for do in ("exists", "is_file", "is_same", "is_stream")},
    ("stdin", "isatty"): ("is",),
    **{("stdin", do): ("content",) for do in ("read", "readline", "bytes")},
    ("image", "open"): ("identity",),
    ("image", "manifest"): ("manifest",),
    ("image", "revisions"): ("revisions",),
    ("image", "revision"): ("revisions",),
}
