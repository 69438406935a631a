"""What ECS refuses of containers."""

from typing import Any

import pytest

from ecsstep.rules.containers import container_faults


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        pytest.param([{"name": "a"}, {"name": "b"}], [], id="sound"),
        pytest.param(5, [], id="no list: the shapes tell"),
        pytest.param([5, {"name": 5}], [], id="no object: the shapes tell"),
        pytest.param(
            [], ["containerDefinitions is empty; a task has at least one container"], id="none"
        ),
        pytest.param(
            [{"name": "a"}, {"image": "x"}],
            ["containerDefinitions[1].name is missing"],
            id="no name",
        ),
        pytest.param(
            [{"name": "a"}, {"name": "a"}], ["container 'a' stands there twice"], id="twice"
        ),
        pytest.param(
            [
                {
                    "name": "a",
                    "environment": [{"name": "X"}, {"name": "Y"}, "odd"],
                    "secrets": [{"name": "X"}, {"name": 5}],
                }
            ],
            [
                (
                    "container 'a' has 'X' in its environment and in its secrets; a name stands in "
                    "one of them"
                )
            ],
            id="variable and secret",
        ),
        pytest.param([{"name": "a", "environment": 5, "secrets": 5}], [], id="odd lists"),
    ],
)
def test_names_are_there_and_once(containers: Any, expected: list[str]) -> None:
    assert list(container_faults({"containerDefinitions": containers})) == expected
