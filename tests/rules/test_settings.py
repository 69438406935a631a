"""The spellings of settings on a command line."""

from collections.abc import Callable

import pytest

from ecsstep.rules.changes import Setting
from ecsstep.rules.settings import image_setting, name_setting, secret_setting, variable_setting

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
        pytest.param(variable_setting, "A", "'A' is not NAME=VALUE", id="no ="),
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
