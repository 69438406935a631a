"""Whether a tag may be put, and where an image comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.image import Reference
from ecsstep.rules.pushes import (
    EngineSource,
    FileSource,
    RegistrySource,
    Source,
    chosen_source,
    parse_source,
    parse_target,
    places,
    target_host,
)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("app:build", EngineSource(image="app:build")),
        ("r.example/app", EngineSource(image="r.example/app")),
        ("oci:dir:tag", FileSource(form="oci", place="dir:tag")),
        ("oci-archive:a.tar", FileSource(form="oci-archive", place="a.tar")),
        ("docker-archive:a.tar:app:1", FileSource(form="docker-archive", place="a.tar:app:1")),
    ],
)
def test_a_source_is_an_engines_image_or_a_file(text: str, source: Source) -> None:
    assert parse_source(text) == source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("oci:", "names no path"),
        ("oci", "names no path"),
        ("docker-daemon:app:1", "is no source"),
        ("App", "is no image reference"),
    ],
)
def test_what_is_no_source_is_an_error(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_source(text)


@pytest.mark.parametrize(
    ("place", "there", "found"),
    [
        pytest.param("dir", {"dir"}, ("dir", None), id="path"),
        pytest.param("dir:tag", {"dir"}, ("dir", "tag"), id="path and tag"),
        pytest.param("a:b", {"a:b", "a"}, ("a:b", None), id="colon in the path"),
        pytest.param("x.tar:app:1", {"x.tar"}, ("x.tar", "app:1"), id="name with a colon"),
        pytest.param("dir:tag", set(), ("dir", "tag"), id="not there, with a tag"),
        pytest.param("dir:", {"dir"}, ("dir:", None), id="no tag after the colon"),
        pytest.param("a:/b/c", set(), ("a:/b/c", None), id="not there, no tag"),
    ],
)
def test_the_file_system_tells_where_a_path_ends(
    place: str, there: set[str], found: tuple[str, str | None]
) -> None:
    assert places(place, there.__contains__) == found


@given(st.text(alphabet="ab:/.", min_size=1))
def test_path_and_tag_make_the_place_again(place: str) -> None:
    path, tag = places(place, lambda path: len(path) < 3)

    assert (path if tag is None else f"{path}:{tag}") == place


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://r.example/app", "leave 'https://' out"),
        ("r.example/app:1", "write 'r.example/app' and give --tag"),
        ("app@sha256:" + "0" * 64, "write 'app' and give --tag"),
        ("App", "is no image reference"),
    ],
)
def test_what_is_no_repository_is_an_error_that_says_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_target(text)


URI = Reference(registry="r.example", repository="app")


@pytest.mark.parametrize(
    ("target", "registry", "by_flag", "host"),
    [
        pytest.param(URI, None, set(), "r.example", id="URI"),
        pytest.param(Reference(repository="app"), "q.example", set(), "q.example", id="registry"),
        pytest.param(Reference(repository="app"), None, set(), None, id="neither"),
        pytest.param(URI, "r.example", set(), "r.example", id="both agree"),
        pytest.param(URI, "q.example", {"repository"}, "r.example", id="flag beats variable"),
        pytest.param(URI, "q.example", {"registry"}, "q.example", id="the other flag"),
    ],
)
def test_the_host_comes_from_the_repository_or_the_registry(
    target: Reference, registry: str | None, by_flag: set[str], host: str | None
) -> None:
    assert target_host(target, registry, by_flag=frozenset(by_flag)) == host


@pytest.mark.parametrize("by_flag", [set(), {"repository", "registry"}])
def test_two_hosts_are_an_error(by_flag: set[str]) -> None:
    with pytest.raises(ValueError, match=r"'r.example/app' is not in the registry 'q.example'"):
        target_host(URI, "q.example", by_flag=frozenset(by_flag))


def test_a_repository_may_have_its_host() -> None:
    assert parse_target("r.example/app") == URI


FILE = FileSource(form="oci", place="x")
THERE = RegistrySource(name=Reference(registry="q.example", repository="a", tag="v1"))
BESIDE = RegistrySource(name=Reference(repository="a", tag="v1"))


@pytest.mark.parametrize(
    ("source", "origin", "by_flag", "chosen"),
    [
        pytest.param(FILE, None, {"source"}, FILE, id="SOURCE"),
        pytest.param(None, THERE, {"origin"}, THERE, id="--from"),
        pytest.param(FILE, THERE, {"origin"}, THERE, id="--from beats a variable"),
        pytest.param(FILE, THERE, {"source"}, FILE, id="SOURCE beats a variable"),
        pytest.param(
            None,
            BESIDE,
            {"origin"},
            RegistrySource(name=Reference(registry="r.example", repository="a", tag="v1")),
            id="in the same registry",
        ),
    ],
)
def test_one_source_counts(
    source: FileSource | None, origin: RegistrySource | None, by_flag: set[str], chosen: Source
) -> None:
    found = chosen_source(source, origin, host="r.example", by_flag=frozenset(by_flag))

    assert found == chosen


def test_without_a_source_there_is_nothing_to_push() -> None:
    with pytest.raises(ValueError, match="no source"):
        chosen_source(None, None, host="r.example", by_flag=frozenset())
