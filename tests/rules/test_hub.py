"""Who logs in to Docker Hub."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.hub import HubAccount, hub_account, hub_secret
from ecsstep.secret import Secret

A, B = Secret("password-a"), Secret("password-b")


@pytest.mark.parametrize(
    ("user", "token", "second_user", "second_password", "account"),
    [
        pytest.param("a", A, "b", B, HubAccount(user="a", password=A), id="first pair"),
        pytest.param(None, None, "b", B, HubAccount(user="b", password=B), id="second pair"),
        pytest.param("a", None, "b", B, HubAccount(user="a", password=None), id="never mixed"),
        pytest.param("b", None, "b", B, HubAccount(user="b", password=B), id="same user"),
        pytest.param("a", None, None, B, HubAccount(user="a", password=B), id="user by flag"),
        pytest.param(None, A, "b", None, HubAccount(user="b", password=A), id="one of each"),
        pytest.param("a", None, None, None, HubAccount(user="a", password=None), id="stdin"),
        pytest.param(None, A, None, None, None, id="no user"),
        pytest.param(None, A, "b", B, HubAccount(user="b", password=B), id="whole pair first"),
    ],
)
def test_a_user_never_gets_the_other_pairs_password(
    user: str | None,
    token: Secret | None,
    second_user: str | None,
    second_password: Secret | None,
    account: HubAccount | None,
) -> None:
    assert (
        hub_account(
            user=user, token=token, second_user=second_user, second_password=second_password
        )
        == account
    )


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        pytest.param("pass-word", "", "pass-word", id="the password itself"),
        pytest.param('{"username":"u","password":"p-w"}', "u", "p-w", id="pair"),
        pytest.param('{"username":"u","accessToken":"t-k"}', "u", "t-k", id="pull-through cache"),
        pytest.param('{"user":"u","token":"t-k"}', "u", "t-k", id="short names"),
        pytest.param('{"password":"p-w"}', "", "p-w", id="no user"),
        pytest.param("12345678", "", "12345678", id="a number is a password too"),
    ],
)
def test_a_secret_store_holds_a_password_or_a_pair(text: str, user: str, password: str) -> None:
    assert hub_secret(Secret(text)) == HubAccount(user=user, password=Secret(password))


@pytest.mark.parametrize("text", ["{}", '{"username":"u"}', '{"password":""}', '{"password":1}'])
def test_an_object_without_a_password_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="without 'password'"):
        hub_secret(Secret(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('{"username":"u","password":"p-w"', "begins like JSON", id="cut off"),
        pytest.param(" {username: u}", "begins like JSON", id="no JSON"),
        pytest.param('["u", "p-w"]', "holds a list", id="a list"),
    ],
)
def test_what_begins_like_json_is_not_sent_as_a_password(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        hub_secret(Secret(text))

    assert "p-w" not in str(caught.value)


@given(st.text(min_size=1).filter(lambda text: text.lstrip()[:1] not in ("{", "[")))
def test_what_is_no_object_is_the_password(text: str) -> None:
    assert hub_secret(Secret(text)) == HubAccount(user="", password=Secret(text))
