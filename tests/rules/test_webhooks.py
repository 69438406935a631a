import pytest

from ecsstep.rules.webhooks import Address, address


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (
            "https://hooks.slack.com/services/T0/B0/x",
            Address(host="hooks.slack.com", path="/services/T0/B0/x"),
        ),
        (" https://chat.example:8443/h/1\n", Address(host="chat.example:8443", path="/h/1")),
        ("http://127.0.0.1:8080/x", Address(host="127.0.0.1:8080", path="/x")),
    ],
)
def test_a_webhook_is_a_host_and_a_secret_path(url: str, found: Address) -> None:
    assert address(url) == found


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("hunter22", "is no address"),
        ("https://hooks.slack.com", "is no address"),
        ("https://u:hunter22@hooks.slack.com/x", "is no address"),
        ("http://hooks.slack.com/hunter22", "is not https"),
        ("https://localhost:1/hunter22", "on this machine"),
    ],
)
def test_what_is_no_webhook_is_told_without_showing_it(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        address(url)

    assert "hunter22" not in str(caught.value)
