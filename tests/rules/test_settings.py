"""The spellings of settings on a command line."""

from collections.abc import Callable

import pytest

from ecsstep.rules.changes import Setting
from ecsstep.rules.settings import (
    image_setting,
    name_setting,
    repeated,
    secret_setting,
    variable_setting,
)

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        pytest.param(image_setting, "app:1", Setting(value="app:1"), id="image"),
        pytest.param(
            image_setting,
            f"web=h.io:5000/a/b@{DIGEST}",
            Setting(container="web", value=f"h.io:5000/a/b@{DIGEST}"),
            id="image for a container",
        ),
        pytest.param(variable_setting, "A=", Setting(name="A"), id="empty value"),
        pytest.param(
            variable_setting,
            "A=b=c:d \\n'\"",
            Setting(name="A", value="b=c:d \\n'\""),
            id="all after the first = is literal",
        ),
        pytest.param(
            variable_setting,
            "web:A=x:y",
            Setting(container="web", name="A", value="x:y"),
            id="variable for a container",
        ),
        pytest.param(
            secret_setting,
            "DB=arn:aws:ssm:us-east-1:1:parameter/db",
            Setting(name="DB", value="arn:aws:ssm:us-east-1:1:parameter/db"),
            id="secret",
        ),
        pytest.param(
            variable_setting,
            "app:Logging:Level=x",
            Setting(container="app", name="Logging:Level", value="x"),
            id="a colon in the name, as .NET has it",
        ),
        pytest.param(
            variable_setting, "Foo(x86)=1", Setting(name="Foo(x86)", value="1"), id="brackets"
        ),
        pytest.param(variable_setting, "A/B=2", Setting(name="A/B", value="2"), id="slash"),
        pytest.param(variable_setting, "My Var=1", Setting(name="My Var", value="1"), id="blank"),
        pytest.param(name_setting, "web:A", Setting(container="web", name="A"), id="name"),
        pytest.param(name_setting, "A", Setting(name="A"), id="bare name"),
    ],
)
def test_a_setting_is_read(parse: Callable[[str], Setting], text: str, expected: Setting) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        pytest.param(image_setting, "=app:1", "names no container before the '='", id="no name"),
        pytest.param(image_setting, "web=", "is no image reference", id="no image"),
        pytest.param(image_setting, "a b", "is no image reference", id="blank in an image"),
        pytest.param(variable_setting, "A", "^is not NAME=VALUE", id="no ="),
        pytest.param(variable_setting, "A=\udcff", "^is not UTF-8 text", id="bytes"),
        pytest.param(variable_setting, "MII/a+=", "has no variable's name", id="base64"),
        pytest.param(variable_setting, "aGk/bw==", "^has no variable's name", id="padded base64"),
        pytest.param(variable_setting, "A\nB=1", "^has no variable's name", id="two lines"),
        pytest.param(variable_setting, " =1", "^has no variable's name", id="a blank alone"),
        pytest.param(variable_setting, "=x", r"'' is not \[CONTAINER:\]NAME", id="no variable"),
        pytest.param(secret_setting, "A=", "names no secret or parameter", id="no secret"),
        pytest.param(name_setting, ":A", r"':A' is not \[CONTAINER:\]NAME", id="no container"),
        pytest.param(name_setting, "web:", r"'web:' is not", id="nothing after the colon"),
    ],
)
def test_a_mistake_is_told_with_the_form(
    parse: Callable[[str], Setting], text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"--env": ["A=1", "B=1", "web:A=1"]}, [], id="nothing"),
        pytest.param({"--env": ["A=1", "A=2"]}, ["--env gives 'A' twice"], id="twice"),
        pytest.param(
            {"--env": ["web:A=1"], "--secret": ["web:A=x"], "--unset": ["A", "web:A"]},
            [
                "'A' is given by --env and by --secret for container 'web'",
                "'A' is given by --env and by --unset for container 'web'",
            ],
            id="by two flags",
        ),
        pytest.param(
            {"--image": ["a:1", "web=a:1", "a:2"]},
            ["--image gives two images, the other one is 'a:2'"], id="two images",
        ),
    ],
)  # fmt: skip
def test_what_is_given_twice_for_sure_is_told(given: dict[str, list[str]], said: list[str]) -> None:
    parsers = {
        "--env": variable_setting, "--secret": secret_setting, "--unset": name_setting,
        "--image": image_setting,
    }  # fmt: skip

    found = repeated(
        {flag: [parsers[flag](text) for text in texts] for flag, texts in given.items()}
    )

    assert list(found) == said
