"""What people write into files."""

from typing import Any

import pytest

from ecsstep.aws.models import task_definition_model
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
        pytest.param([], "'f' names no image: its array is empty", id="empty"),
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
    shape = task_definition_model().request
    return unquoted(document.name, document.value, document.plain, shape)


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


@pytest.mark.parametrize("word", ["null", "~", "", "Null"])
def test_in_a_fragment_a_null_is_no_text_it_removes(word: str) -> None:
    text = f"containerDefinitions: [{{name: app, environment: [{{name: A, value: {word}}}]}}]"
    document = parse_document(text, name="f.yaml")
    shape = task_definition_model().request

    value, faults = unquoted("f.yaml", document.value, document.plain, shape, may_remove=True)

    assert (value["containerDefinitions"][0]["environment"][0]["value"], faults) == (None, ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("cpu: 256\nmemory: 512", id="numbers that stay what they say"),
        pytest.param("family: web", id="text"),
        pytest.param("enableFaultInjection: no", id="a switch"),
        pytest.param("ephemeralStorage: {sizeInGiB: 32}", id="a real number"),
        pytest.param("containerDefinitions: [{dockerLabels: {a: 2026-01-01}}]", id="date as text"),
        pytest.param("containerDefinitions: [{dockerLabels: {a: ~}}]", id="a null removes"),
        pytest.param("containerDefinitions: [{cpu: 2.50}]", id="another spelling of a number"),
        pytest.param("containerDefinitions: [{cpu: 9007199254740993}]", id="a long number"),
        pytest.param("nosuch: {a: {b: true}}", id="a place that the API doesn't know"),
        pytest.param("[1, 2]", id="no object"),
        pytest.param("12", id="a scalar"),
        pytest.param("taskDefinition: {containerDefinitions: []}", id="an answer"),
        pytest.param("taskDefinition: 12", id="a strange answer"),
    ],
)
def test_what_reads_as_it_stands_is_left_alone(text: str) -> None:
    value, faults = read(text)

    assert (value, faults) == (parse_document(text, name="f.yaml").value, ())


@pytest.mark.parametrize(
    ("text", "value"), [("0512", 330), ("1_0", 10), ("1:30", 90), ("0x20", 32), ("010.5", None)]
)
def test_a_number_that_yaml_reads_as_another_one_is_a_fault(text: str, value: int | None) -> None:
    _, faults = read(f"containerDefinitions: [{{name: app, memory: {text}}}]")

    told = (
        f"'f.yaml': containerDefinitions[app].memory is {text}, which YAML reads as {value}; "
        f"write {value} if that is meant, else the number without leading 0, _ and :"
    )
    assert faults == ((told,) if value else ())


@pytest.mark.parametrize("text", ["012", "true", "1.50"])
@pytest.mark.parametrize("place", ["dockerLabels: {a: X}", "command: [run, X]"])
def test_where_the_api_wants_text_the_quoted_form_is_shown(text: str, place: str) -> None:
    value, faults = read(f"containerDefinitions: [{{name: app, {place.replace('X', text)}}}]")

    assert [fault.partition(" is ")[2] for fault in faults] == [
        f'{text} without quotes, which YAML does not read as text; write "{text}"'
    ]
    assert text in str(value)


@pytest.mark.parametrize(
    "place", ["environment: [{name: DB_PASSWORD, value: 0451}]", "dockerLabels: {api-key: 0451}"]
)
def test_what_looks_secret_is_told_without_its_value(place: str) -> None:
    _, faults = read(f"containerDefinitions: [{{name: app, {place}}}]")

    assert len(faults) == 1
    assert "0451" not in faults[0]
    assert faults[0].endswith("so that YAML does not read it as text; quote it")


@pytest.mark.parametrize("place", ["", "taskDefinition: "])
def test_a_text_at_the_top_that_yaml_would_respell_is_a_fault(place: str) -> None:
    _, faults = read(f"{place}{{family: 012, cpu: 0x100}}")

    assert [fault.partition(" is ")[2] for fault in faults] == [
        '012 without quotes, which YAML does not read as text; write "012"',
        '0x100 without quotes, which YAML does not read as text; write "0x100"',
    ]
