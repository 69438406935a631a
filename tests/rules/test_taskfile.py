"""What people write into files."""

from typing import Any

import pytest

from ecsstep.core.documents import parse_document
from ecsstep.rules.changes import Setting
from ecsstep.rules.taskfile import images_from, unquoted


def test_code_pipelines_file_gives_an_image_for_each_container() -> None:
    document = [{"name": "app", "imageUri": "h.io/a:1"}, {"name": "proxy", "imageUri": "p"}]

    assert images_from(document, name="f") == (
        Setting(container="app", value="h.io/a:1"),
        Setting(container="proxy", value="p"),
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param({"x": "x"}, "'f' is no imagedefinitions.json: it must be", id="object"),
        pytest.param({"ImageURI": "X Y"}, "'f': ImageURI: 'X Y' is no image", id="image detail"),
        pytest.param(["x"], "'f' is no imagedefinitions.json: entry 0", id="text"),
        pytest.param([{"name": "app"}], "entry 0 is not as in", id="no image"),
        pytest.param([{"name": "", "imageUri": "x"}], "entry 0 is not as in", id="no name"),
        pytest.param(
            [{"name": "a", "imageUri": "x"}, {"name": "b", "imageUri": "X Y"}],
            "'f': entry 1: 'X Y' is no image reference",
            id="bad image",
        ),
    ],
)
def test_another_form_is_a_mistake(document: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        images_from(document, name="f")


def read(text: str) -> tuple[Any, tuple[str, ...]]:
    document = parse_document(text, name="f.yaml")
    return unquoted(document.name, document.value, document.plain)


@pytest.mark.parametrize(
    "word", ["012", "yes", "off", "1.10", "2026-01-01", "0x10", "1_000", "~", "true"]
)
def test_an_unquoted_environment_value_is_a_fault_that_shows_the_quoted_form(word: str) -> None:
    value, faults = read(
        "containerDefinitions:\n"
        f"  - {{name: app, environment: [{{name: A, value: {word}}}, {{name: B, value: b}}]}}\n"
    )

    assert faults == (
        (
            f"'f.yaml': containerDefinitions[app].environment[A].value is {word} without quotes, "
            f'which YAML does not read as text; write "{word}"'
        ),
    )
    assert value["containerDefinitions"][0]["environment"] == [
        {"name": "A", "value": word},
        {"name": "B", "value": "b"},
    ]


def test_a_missing_value_is_told_as_nothing() -> None:
    _, faults = read("containerDefinitions: [{name: app, environment: [{name: A, value: }]}]")

    assert "environment[A].value is nothing without quotes" in faults[0]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cpu: 256\nmemory: 512", id="numbers that stay what they say"),
        pytest.param("family: web", id="text"),
        pytest.param("enableFaultInjection: no", id="a switch"),
        pytest.param("ephemeralStorage: {sizeInGiB: 0x20}", id="a real number"),
        pytest.param("[1, 2]", id="no object"),
        pytest.param("012", id="a scalar"),
        pytest.param("taskDefinition: {containerDefinitions: []}", id="an answer"),
        pytest.param("taskDefinition: 012", id="a strange answer"),
    ],
)
def test_what_reads_as_it_stands_is_left_alone(text: str) -> None:
    value, faults = read(text)

    assert (value, faults) == (parse_document(text, name="f.yaml").value, ())


@pytest.mark.parametrize("place", ["", "taskDefinition: "])
def test_a_text_at_the_top_that_yaml_would_respell_is_a_fault(place: str) -> None:
    _, faults = read(f"{place}{{family: 012, cpu: 0x100}}")

    assert [fault.partition(" is ")[2] for fault in faults] == [
        '012 without quotes, which YAML does not read as text; write "012"',
        '0x100 without quotes, which YAML does not read as text; write "0x100"',
    ]
