"""JSON and YAML, read strictly: what is ambiguous is an error that names the place.

A message has the place alone, not what stands there: it may be a secret.
"""

import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from ecsstep.core.files import read_text
from ecsstep.errors import Exit, StepError
from ecsstep.value import Value

_MOST_NODES = 200_000
_DEEPEST = 100
_LOOK = "look at that place in the file; quote a text that could be read as something else"
_PLAIN_TAGS = {"mapping": "map", "sequence": "seq"}
_SCALARS = frozenset({"null", "bool", "int", "float", "timestamp"})


class Document(Value):
    """What a file says.

    Attributes:
        name: How the user named the file.
        value: The parsed value.
        plain: For YAML, the source text of every unquoted scalar that is no string
            (``012``, ``yes``, ``2026-01-01``), by its path.
    """

    name: str
    value: Any
    plain: Mapping[tuple[str | int, ...], str] = {}


def read_document(path: str, *, stdin: IO[str] | None = None) -> Document:
    """Return the one document in a JSON or YAML file, or on stdin for ``-``.

    JSON is tried first where the text begins like it, so that JSON's errors are told for JSON.

    Raises:
        StepError: The file can't be read or is neither (exit 2).
    """
    name = "stdin" if path == "-" and stdin is not None else path
    return parse_document(read_text(path, stdin=stdin), name=name)


def parse_document(text: str, *, name: str) -> Document:
    """Return the document in ``text``; ``name`` is for messages.

    Raises:
        StepError: It is empty, or neither JSON nor YAML (exit 2).
    """
    begin = text.lstrip()[:1]
    if not begin:
        hint = (
            "the command before in the pipe has failed, or wrote nothing"
            if name == "stdin"
            else f"look at what was to write '{name}', or give another file"
        )
        raise StepError(f"'{name}' is empty", exit=Exit.USAGE, hint=hint)
    if begin in "{[" and not name.endswith((".yaml", ".yml")):
        return Document(name=name, value=_json(text, name))
    return _yaml(text, name)


def _json(text: str, name: str) -> Any:
    import json

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise StepError(
                f"'{name}' says '{twice}' twice in one object",
                exit=Exit.USAGE,
                hint="take the one out that isn't meant: readers differ in which they believe",
            )
        return found

    def constant(word: str) -> Any:
        raise StepError(
            f"'{name}' holds {word}, which is not JSON",
            exit=Exit.USAGE,
            hint="write a number, or the word in quotes",
        )

    def number(word: str) -> float:
        value = float(word)
        return value if math.isfinite(value) else constant(word)

    try:
        value = json.loads(
            text, object_pairs_hook=members, parse_constant=constant, parse_float=number
        )
    except json.JSONDecodeError as error:
        raise StepError(
            f"'{name}' is not JSON: {error.msg.lower()} "
            f"at line {error.lineno}, column {error.colno}",
            exit=Exit.USAGE,
            hint=_LOOK,
        ) from error
    except RecursionError as error:
        raise _too_deep(name) from error
    except ValueError as error:
        # A whole number of more than 4300 digits.
        raise StepError(
            f"'{name}' can't be read: {error}",
            exit=Exit.USAGE,
            hint="put such a number in quotes, if it is text",
        ) from error
    if _depth_exceeds(value, _DEEPEST):
        raise _too_deep(name)
    return value


def _depth_exceeds(value: object, most: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    items = value.values() if isinstance(value, dict) else value
    return most == 0 or any(_depth_exceeds(item, most - 1) for item in items)


def _too_deep(name: str) -> StepError:
    return StepError(
        f"'{name}' is nested too deeply", exit=Exit.USAGE, hint="check that it is the file you mean"
    )


def _yaml(text: str, name: str) -> Document:
    import yaml

    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise StepError(
            f"'{name}' is not YAML: {error.problem or error.context}{place}",
            exit=Exit.USAGE,
            hint=_LOOK,
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise StepError(f"'{name}' is not YAML: {error}", exit=Exit.USAGE, hint=_LOOK) from error
    if len(nodes) != 1:
        raise StepError(
            f"'{name}' holds {len(nodes)} YAML documents; one is wanted",
            exit=Exit.USAGE,
            hint="keep the one that is meant: the sign --- begins another",
        )
    return _Reader(name).document(nodes[0])


class _Reader:
    """Turns YAML's nodes into values and remembers the text of unquoted scalars."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.plain: dict[tuple[str | int, ...], str] = {}
        self.count = 0

    def document(self, node: Any) -> Document:
        return Document(name=self.name, value=self._value(node, ()), plain=self.plain)

    def _value(self, node: Any, path: tuple[str | int, ...]) -> Any:
        self.count += 1
        if self.count > _MOST_NODES or len(path) > _DEEPEST:
            # Aliases can make a small file endless.
            raise StepError(
                f"'{self.name}' is too large or too deeply nested once its aliases are followed",
                exit=Exit.USAGE,
                hint="write the values out in place of the aliases (*name)",
            )
        if node.id != "scalar" and node.tag != f"tag:yaml.org,2002:{_PLAIN_TAGS[node.id]}":
            raise self._fault(node, f"the tag '{node.tag}'")
        if node.id == "mapping":
            return dict(self._members(node, path))
        if node.id == "sequence":
            return [self._value(item, (*path, at)) for at, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _members(self, node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                raise self._fault(key_node, "a key that is not text")
            key = key_node.value
            if key == "<<" and key_node.style is None:
                raise self._fault(key_node, "a merge key '<<'; write the members out")
            if key in seen:
                raise self._fault(key_node, f"'{key}' twice in one mapping")
            seen.add(key)
            yield key, self._value(value_node, (*path, key))

    def _scalar(self, node: Any, path: tuple[str | int, ...]) -> Any:
        import yaml

        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind == "str":
            return node.value
        if kind == "value":
            raise self._fault(node, "a lone = without quotes; if it is text, quote it")
        if kind not in _SCALARS:
            raise self._fault(node, f"the tag '{node.tag}'")
        self.plain[path] = node.value
        if kind == "timestamp":
            # JSON has no dates: keep the words that stand there.
            return node.value
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError, LookupError) as error:
            raise self._fault(node, f"what can't be read as '{node.tag}'") from error
        if isinstance(value, float) and not math.isfinite(value):
            raise self._fault(
                node, f"{node.value}, which is no number in JSON; if it is text, quote it"
            )
        return value

    def _fault(self, node: Any, what: str) -> StepError:
        mark = node.start_mark
        return StepError(
            f"'{self.name}' holds {what}, at line {mark.line + 1}, column {mark.column + 1}",
            exit=Exit.USAGE,
            hint=_LOOK,
        )
