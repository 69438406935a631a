"""A frozen value with named parts behaves as a frozen dataclass does."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from ecsstep.value import Value


class Fruit(Value):
    kinds: ClassVar[int] = 3
    name: str
    seeds: tuple[int, ...] = ()
    more: Mapping[str, Any] = {}

    @property
    def is_seedless(self) -> bool:
        return not self.seeds


class Apple(Fruit):
    name: str = "apple"
    colour: str


class Seed(Value):
    sort: str = "pip"
    weight: int


def test_parts_are_given_by_keyword_and_have_defaults() -> None:
    pear = Fruit(name="pear")

    assert (pear.name, pear.seeds, pear.more, pear.kinds, pear.is_seedless) == (
        "pear", (), {}, 3, True,
    )  # fmt: skip
    assert Apple(colour="red") == Apple(name="apple", colour="red", seeds=())


def test_a_missing_and_an_unknown_part_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match=r"Apple lacks \['colour'\] and knows no \['color'\]"):
        Apple(color="red")  # type: ignore[call-arg]


def test_nothing_of_it_changes() -> None:
    pear = Fruit(name="pear")

    with pytest.raises(AttributeError, match="can't set 'name'"):
        pear.name = "quince"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="can't delete 'name'"):
        del pear.name


def test_a_changed_one_is_another_one() -> None:
    pear = Fruit(name="pear")

    assert pear.replaced(seeds=(1,)) == Fruit(name="pear", seeds=(1,))
    assert pear == Fruit(name="pear")
    with pytest.raises(TypeError, match="knows no"):
        pear.replaced(weight=1)


def test_equal_parts_of_one_kind_are_equal_and_hash_alike() -> None:
    one, other = Seed(weight=2), Seed(sort="pip", weight=2)

    assert {one, other} == {one}
    assert one != Fruit(name="pip")
    assert one != "pip"


def test_it_shows_its_parts() -> None:
    assert repr(Apple(colour="red")) == "Apple(name='apple', seeds=(), more={}, colour='red')"
