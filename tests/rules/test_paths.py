import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.paths import distribution, path


@pytest.mark.parametrize("text", ["/", "/*", "/images/*", "/a.html?x=1&y=2", "/a%20b", "/~me/"])
def test_a_path_that_cloudfront_takes_is_kept(text: str) -> None:
    assert path(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("index.html", "write '/index.html'"),
        ("/*.html", "at the end of a path only"),
        ("/a/**", "at the end of a path only"),
        ("/a b", "write '/a%20b'"),
        ("/日本", "write '/%E6%97%A5%E6%9C%AC'"),
        ("/a\n", "write '/a%0A'"),
        ("/<a>", "write '/%3Ca%3E'"),
        ("/" + "a" * 4000, "longer than 4000 characters"),
    ],
)
def test_a_path_that_cloudfront_refuses_is_told_with_the_right_one(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"write|only|longer") as caught:
        path(text)

    assert said in str(caught.value)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_what_is_told_to_write_instead_is_taken(text: str) -> None:
    try:
        path(f"/{text}")
    except ValueError as error:
        said = str(error)
        if "URL-encoded" in said:
            better = said.rpartition("write '")[2].removesuffix("'")
            assert path(better) == better


def test_a_distribution_is_named_by_its_id() -> None:
    assert distribution("EDFDVBD6EXAMPLE") == "EDFDVBD6EXAMPLE"
    with pytest.raises(ValueError, match="no id of a distribution"):
        distribution("d111111abcdef8.cloudfront.net")
