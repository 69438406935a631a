"""Every error has a hint: the next thing to try."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from processes import ROOT

_RAISED = {"StepError", "mistakes", "TagTakenError"}


def unhinted(source: str) -> Iterator[int]:
    """Yield the lines of errors that are made without a hint."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            hints = [each.value for each in node.keywords if each.arg == "hint"]
            if node.func.id in _RAISED and not (hints and could_say(hints[0])):
                yield node.lineno


def could_say(hint: ast.expr) -> bool:
    """Whether no branch of an expression is an empty text, as far as the source shows it."""
    match hint:
        case ast.Constant(value=value):
            return bool(value)
        case ast.IfExp(body=body, orelse=orelse):
            return could_say(body) and could_say(orelse)
        case ast.BoolOp(op=ast.Or(), values=values):
            return could_say(values[-1])
        case ast.BinOp(op=ast.Mult()):
            return False
        case _:
            return True


@pytest.mark.parametrize(
    "path", sorted((ROOT / "ecsstep").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_error_is_made_with_a_hint(path: Path) -> None:
    assert list(unhinted(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "is_fine"),
    [
        ('StepError("x", exit=Exit.USAGE, hint="do this")', True),
        ('mistakes("x", found, hint=hint)', True),
        ('StepError("x", exit=Exit.USAGE)', False),
        ('StepError("x", exit=Exit.USAGE, hint="")', False),
        ('StepError("x", exit=Exit.USAGE, hint="do this" if a else "")', False),
        ('StepError("x", exit=Exit.USAGE, hint="do this" * is_so)', False),
        ('StepError("x", exit=Exit.USAGE, hint=found or "")', False),
        ('StepError("x", exit=Exit.USAGE, hint=found or "do this")', True),
        ('mistakes("x", found)', False),
    ],
)
def test_a_missing_hint_is_found(source: str, is_fine: bool) -> None:
    assert (list(unhinted(source)) == []) is is_fine
