"""The CloudFormation template, read for tests."""

from collections.abc import Mapping
from typing import Any

import yaml

from processes import ROOT

TEMPLATE = ROOT / "ci-templates" / "codepipeline" / "pipeline.yaml"


def template() -> dict[str, Any]:
    """Return the template with its short functions written out."""
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader=_Loader)
    return loaded


def parameter_table() -> str:
    """Return the table of the template's parameters for the guide."""
    rows = [
        f"| `{name}` | {each['Description']} | {_notes(each)} |"
        for name, each in template()["Parameters"].items()
    ]
    return "\n".join(["| parameter | what it is | |", "|---|---|---|", *rows, ""])


def _notes(parameter: Mapping[str, Any]) -> str:
    values = parameter.get("AllowedValues")
    default = parameter.get("Default")
    return "; ".join(
        [
            *(["required"] if default is None else []),
            *([f"one of {', '.join(values)}"] if values else []),
            *([f"default: `{default}`"] if default not in (None, "") else []),
        ]
    )


def statements(policy: str) -> list[dict[str, Any]]:
    """Return the statements of a policy of the template, those under a condition among them."""
    found = template()["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in found]


def allowed(*policies: str) -> set[str]:
    """Return the actions that some policies of the template allow."""
    found: set[str] = set()
    for policy in policies:
        for statement in statements(policy):
            actions = statement["Action"]
            found |= {actions} if isinstance(actions, str) else {*actions}
    return found


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's functions."""


def _function(loader: Any, suffix: str, node: Any) -> Any:
    kinds = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: lambda it: loader.construct_sequence(it, deep=True),
        yaml.MappingNode: lambda it: loader.construct_mapping(it, deep=True),
    }
    value = kinds[type(node)](node)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt":
        value = value.split(".")
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)
