"""The distribution API, against a small registry with faults."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from registries import NO_DISPLAY, FakeRegistry, serving

from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials
from ecsstep.registry.client import Repository
from ecsstep.registry.errors import Deed, TagTakenError, refusal
from ecsstep.registry.files import Folder
from ecsstep.registry.image import Blob, Manifest
from ecsstep.registry.layout import Layout as Read
from ecsstep.registry.push import Uploaded, copied, upload
from ecsstep.registry.transport import Transport
from ecsstep.registry.upload import Meter
from ecsstep.rules.tag_verdict import Stored
from ecsstep.rules.trouble import Trouble
from ecsstep.secret import Secret
from fakes import FakeClock
from images import OCI_MANIFEST, Layout, a_layout, sha256

USER = Credentials(user="user", password=Secret("right-password"))
STALE = Credentials(user="user", password=Secret("stale-password"))


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as made:
        yield made


def a_repository(
    registry: FakeRegistry,
    logins: Sequence[Credentials | None] = (),
    *,
    clock: FakeClock | None = None,
    host: str | None = None,
    environ: dict[str, str] | None = None,
) -> Repository:
    transport = Transport(
        host or registry.host,
        logins=[lambda login=login: login for login in logins],  # type: ignore[misc]
        clock=clock or FakeClock(),
        environ=environ or {},
    )
    return Repository(transport=transport, name="team/app")


def a_manifest(layout: Layout, folder: Path) -> Manifest:
    layout.write(folder)
    return Read(Folder(str(folder)), name="layout", tag=None).manifest()


def pushed(repository: Repository, manifest: Manifest, tag: str = "v1") -> Uploaded:
    done = upload(manifest, repository, display=NO_DISPLAY)
    assert repository.put(manifest, tag) == manifest.digest
    return done


def test_a_push_uploads_what_is_missing_and_puts_the_tag_last(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    layout = Layout()
    layout.name(layout.index(layout.image({"a": b"1"}), layout.image({"a": b"2"})))
    manifest = a_manifest(layout, tmp_path)

    done = pushed(a_repository(registry), manifest)

    blobs = {blob.digest for child in manifest.children for blob in child.blobs}
    assert registry.blobs == {digest: layout.blobs[digest] for digest in blobs}
    assert registry.tag("team/app", "v1") == manifest.digest
    assert registry.asked[-1] == "PUT /v2/team/app/manifests/v1"
    assert done == Uploaded(blobs=4, size=sum(map(len, registry.blobs.values())), present=0)


def test_a_second_push_uploads_nothing(registry: FakeRegistry, tmp_path: Path) -> None:
    manifest = a_manifest(a_layout(), tmp_path)
    pushed(a_repository(registry), manifest)
    registry.asked.clear()

    done = pushed(a_repository(registry), manifest)

    assert done == Uploaded(blobs=0, size=0, present=2)
    assert {asked.split()[0] for asked in registry.asked} == {"HEAD", "PUT"}


@pytest.mark.parametrize("bearer", [False, True], ids=["basic", "bearer"])
def test_a_login_that_ended_yesterday_is_passed_by(registry: FakeRegistry, bearer: bool) -> None:
    registry.users, registry.bearer = {"user": "right-password"}, bearer
    repository = a_repository(registry, [None, STALE, USER])

    assert repository.stored("v1") is None


@pytest.mark.parametrize("bearer", [False, True], ids=["basic", "bearer"])
@pytest.mark.parametrize(
    ("logins", "said"),
    [
        pytest.param([], "asks for a login, and there is none", id="none"),
        pytest.param([STALE], "takes none of the logins found", id="wrong"),
    ],
)
def test_without_a_login_the_hint_is_to_log_in(
    registry: FakeRegistry, bearer: bool, logins: list[Credentials], said: str
) -> None:
    registry.users, registry.bearer = {"user": "right-password"}, bearer

    with pytest.raises(StepError, match=said) as caught:
        a_repository(registry, logins).stored("v1")

    assert caught.value.exit is Exit.ACCESS
    assert caught.value.hint == f"log in first: ecr-login --registry {registry.host}"


def test_a_token_that_ends_on_the_way_is_renewed(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.users, registry.bearer = {"user": "right-password"}, True
    ended: list[str] = []

    def fault(asked: str) -> None:
        if asked.startswith("PATCH") and not ended:
            ended.append(asked)
            registry.tokens.clear()

    registry.fault = fault
    manifest = a_manifest(a_layout(), tmp_path)

    pushed(a_repository(registry, [USER]), manifest)

    assert registry.tag("team/app", "v1") == manifest.digest


def test_a_token_is_never_sent_to_a_place_without_encryption(registry: FakeRegistry) -> None:
    repository = a_repository(registry, [USER])
    handshake = repository.transport._handshake

    with pytest.raises(StepError, match="is not encrypted"):
        handshake._bearer({"realm": "http://evil.example/token"}, repository._deed("x", ""))


@pytest.mark.parametrize("fault", ["drop", 500, 503, 429])
def test_a_broken_request_is_made_again(
    registry: FakeRegistry, tmp_path: Path, fault: int | str
) -> None:
    seen: set[str] = set()

    def once(asked: str) -> int | str | None:
        # Every attempt at an upload has a place of its own.
        deed = asked.split("/uploads/", maxsplit=1)[0]
        if deed in seen:
            return None
        seen.add(deed)
        return fault

    registry.fault = once
    clock = FakeClock()
    manifest = a_manifest(a_layout(), tmp_path)

    pushed(a_repository(registry, clock=clock), manifest)

    assert registry.tag("team/app", "v1") == manifest.digest
    assert clock.slept
    assert all(0.25 <= slept <= 4 for slept in clock.slept)


@pytest.mark.parametrize("fault", ["drop", 500])
def test_what_stays_broken_is_temporary(registry: FakeRegistry, fault: int | str) -> None:
    registry.fault = lambda _asked: fault
    clock = FakeClock()

    with pytest.raises(StepError, match="still after 5 attempts") as caught:
        a_repository(registry, clock=clock).stored("v1")

    assert caught.value.exit is Exit.TEMPORARY
    assert len(clock.slept) == 4


def test_nobody_there_is_temporary() -> None:
    with pytest.raises(StepError, match=r"can't be reached: .*refused") as caught:
        a_repository(FakeRegistry(), host="127.0.0.1:1").stored("v1")

    assert caught.value.exit is Exit.TEMPORARY


@pytest.mark.parametrize(
    ("status", "exit_code", "hint"),
    [
        (403, Exit.ACCESS, "allow the role the action ecr:InitiateLayerUpload"),
        (404, Exit.USAGE, ""),
        (400, Exit.USAGE, ""),
        (401, Exit.ACCESS, "ecr-login --registry"),
    ],
)
def test_a_refused_upload_says_why(
    registry: FakeRegistry, tmp_path: Path, status: int, exit_code: Exit, hint: str
) -> None:
    registry.fault = lambda asked: status if asked.startswith("POST") else None

    with pytest.raises(StepError, match="as asked for") as caught:
        pushed(a_repository(registry), a_manifest(a_layout(), tmp_path))

    assert caught.value.exit is exit_code
    assert hint in caught.value.hint
    assert registry.manifests == {}


def test_a_missing_repository_comes_with_the_command_that_creates_it(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.known = set()

    with pytest.raises(StepError, match="there is no repository 'team/app'") as caught:
        pushed(a_repository(registry), a_manifest(a_layout(), tmp_path))

    assert caught.value.exit is Exit.USAGE
    assert "aws ecr create-repository --repository-name team/app" in caught.value.hint


def test_a_broken_blob_is_never_finished_and_no_tag_is_put(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    layout = a_layout()
    manifest = a_manifest(layout, tmp_path)
    path = tmp_path / "blobs" / manifest.blobs[1].digest.replace(":", "/")
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(StepError, match="holds something else") as caught:
        pushed(a_repository(registry), manifest)

    assert caught.value.exit is Exit.USAGE
    assert manifest.blobs[1].digest not in registry.blobs
    assert registry.manifests == {}


def test_what_the_source_lacks_must_be_in_the_registry(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    layout = Layout()
    one, two = layout.image({"a": b"1"}), layout.image({"a": b"2"})
    layout.name(layout.index(one, two))
    whole = a_manifest(layout, tmp_path / "whole")
    del layout.blobs[two["digest"]]
    part = a_manifest(layout, tmp_path / "part")
    repository = a_repository(registry)

    with pytest.raises(StepError, match=f"lacks manifest '{two['digest']}', and so does the reg"):
        pushed(repository, part)
    pushed(repository, whole)

    assert pushed(repository, part, "v2").blobs == 0


def test_a_blob_that_nobody_has_is_an_error(registry: FakeRegistry) -> None:
    blob = Blob(digest=sha256(b"x"), size=1, open=None)

    with pytest.raises(StepError, match="and so does the registry"):
        a_repository(registry).upload(blob, NO_DISPLAY)


def test_a_size_that_the_registry_knows_better_is_an_error(registry: FakeRegistry) -> None:
    registry.blobs[sha256(b"xy")] = b"xy"

    with pytest.raises(StepError, match="it has 2"):
        a_repository(registry).has(Blob(digest=sha256(b"xy"), size=1, open=None))


def test_a_blob_behind_a_redirect_is_there(registry: FakeRegistry) -> None:
    registry.fault = lambda _asked: 307

    assert a_repository(registry).has(Blob(digest=sha256(b"x"), size=1, open=None))


def an_image(registry: FakeRegistry, tag: str = "v1", raw: bytes = b'{"config":{}}') -> str:
    registry.manifests["team/app", tag] = (OCI_MANIFEST, raw)
    registry.manifests["team/app", sha256(raw)] = (OCI_MANIFEST, raw)
    return sha256(raw)


@pytest.mark.parametrize(
    ("raw", "config", "layers"),
    [
        (b'{"config":{"digest":"sha256:c"},"layers":[{},{}]}', "sha256:c", 2),
        (b'{"config":{"digest":"sha256:c"}}', None, None),
        (b'{"manifests":[]}', None, None),
        (b"[]", None, None),
    ],
)
def test_what_a_tag_names_is_told_by_its_digests(
    registry: FakeRegistry, raw: bytes, config: str | None, layers: int | None
) -> None:
    digest = an_image(registry, raw=raw)

    stored = Stored(digest=digest, config=config, layers=layers)
    assert a_repository(registry).stored("v1") == stored
    assert a_repository(registry).manifest(digest) == Manifest(
        digest=digest, media_type=OCI_MANIFEST, raw=raw
    )


def test_a_registry_that_lists_tags_without_an_end_is_left(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A thousand pages take the better part of a minute.
    monkeypatch.setattr("ecsstep.registry.client._MOST_PAGES", 20)
    registry.endless = True

    with pytest.raises(StepError, match="more than 20 pages") as caught:
        a_repository(registry).tags()

    assert caught.value.exit is Exit.USAGE
    assert len(registry.asked) == 20


def test_an_answer_that_is_not_of_its_digest_is_no_answer(registry: FakeRegistry) -> None:
    an_image(registry)
    registry.wrong_digest = sha256(b"other")

    with pytest.raises(StepError, match="no manifest of its digest") as caught:
        a_repository(registry).stored("v1")

    assert caught.value.exit is Exit.TEMPORARY


def test_a_registry_that_stores_another_digest_is_an_error(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.wrong_digest = sha256(b"other")
    manifest = a_manifest(a_layout(), tmp_path)

    with pytest.raises(StepError, match=f"and the registry holds '{registry.wrong_digest}'"):
        a_repository(registry).put(manifest, "v1")


def test_a_tag_that_can_not_move_is_told_apart(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.locked = True
    an_image(registry)

    with pytest.raises(TagTakenError) as caught:
        a_repository(registry).put(a_manifest(a_layout(), tmp_path), "v1")

    assert caught.value.exit is Exit.REFUSED


def test_tags_are_read_to_the_last_page(registry: FakeRegistry) -> None:
    for tag in ("a", "b", "c", "d", "e"):
        an_image(registry, tag)

    assert a_repository(registry).tags() == ("a", "b", "c", "d", "e")


def test_a_repository_that_is_not_there_yet_has_no_tags(registry: FakeRegistry) -> None:
    registry.known = set()

    assert a_repository(registry).tags() == ()
    assert a_repository(registry).stored("v1") is None


def test_a_tag_is_copied_without_the_image(registry: FakeRegistry) -> None:
    digest = an_image(registry)
    repository = a_repository(registry)

    assert copied(digest, repository, "v2") == digest
    assert registry.tag("team/app", "v2") == digest
    with pytest.raises(StepError, match="is gone before it could be tagged 'v3'"):
        copied(sha256(b"gone"), repository, "v3")


def test_a_place_without_encryption_gets_nothing(registry: FakeRegistry) -> None:
    repository = a_repository(registry)

    with pytest.raises(StepError, match=r"'evil.example' without encryption"):
        repository.transport._absolute("http://evil.example/upload")

    assert repository.transport._absolute("https://store.example/x") == "https://store.example/x"


def test_the_registrys_own_place_keeps_our_scheme() -> None:
    transport = a_repository(FakeRegistry(), host="r.example").transport

    assert transport._absolute("http://r.example/v2/x?a=b") == "https://r.example/v2/x?a=b"
    assert transport._absolute("/v2/x") == "https://r.example/v2/x"


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"https_proxy": "http://p:2", "HTTPS_PROXY": "http://p:1"}, "http://p:2"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "r.example"}, None),
    ],
)
def test_a_proxy_is_used_for_registries_elsewhere(
    environ: dict[str, str], proxy: str | None
) -> None:
    for host, found in (("r.example", proxy), ("localhost:5000", None)):
        wire = a_repository(FakeRegistry(), host=host, environ=environ).transport._wire
        assert wire._proxy() == found
        assert wire._pool().connection_pool_kw["timeout"].connect_timeout == 10
        assert (wire._pool().proxy is not None) == (found is not None)


def test_docker_hub_answers_under_another_name() -> None:
    transport = a_repository(FakeRegistry(), host="docker.io").transport

    assert transport._absolute("/v2/") == "https://registry-1.docker.io/v2/"


def test_an_untrusted_certificate_is_no_outage() -> None:
    wire = a_repository(FakeRegistry(), host="r.example").transport._wire

    error = wire._broken("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get issuer")

    assert isinstance(error, StepError)
    assert error.exit is Exit.USAGE


def test_a_put_without_a_digest_in_its_answer_is_read_back(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.wrong_digest = ""
    manifest = a_manifest(a_layout(), tmp_path)

    assert a_repository(registry).put(manifest, "v1") == manifest.digest


def test_an_upload_without_a_place_is_an_error(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.fault = lambda asked: 202 if asked.startswith("POST") else None

    with pytest.raises(StepError, match="names no place") as caught:
        pushed(a_repository(registry), a_manifest(a_layout(), tmp_path))

    assert caught.value.exit is Exit.TEMPORARY


def test_an_answer_without_errors_is_told_by_its_status(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.fault_body = b"not found"
    registry.fault = lambda asked: 404 if asked.startswith("POST") else None

    with pytest.raises(StepError, match="there is no repository 'team/app'"):
        pushed(a_repository(registry), a_manifest(a_layout(), tmp_path))


def test_an_answer_that_is_too_long_is_an_error(registry: FakeRegistry) -> None:
    registry.fault_body = b" " * (4 * 1024 * 1024 + 1)
    registry.fault = lambda _asked: 404

    with pytest.raises(StepError, match="more than 4 MiB"):
        a_repository(registry).stored("v1")


def test_a_blob_that_two_manifests_share_is_looked_for_once(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    layout = Layout()
    one, two = layout.image({"a": b"1"}), layout.image({"a": b"1"}, architecture="arm64")
    layout.name(layout.index(one, two))

    assert pushed(a_repository(registry), a_manifest(layout, tmp_path)).blobs == 3


def test_a_refusal_elsewhere_does_not_speak_of_iam() -> None:
    deed = Deed(doing="push 'r.example/a:v1'", host="r.example", repository="a", action="ecr:X")

    denied = refusal(deed, Trouble.DENIED, "denied")
    missing = refusal(deed, Trouble.NO_REPOSITORY, "unknown")

    assert denied.hint.startswith("let this user push at r.example")
    assert missing.hint == "check --repository, or create it at r.example"


def test_a_token_service_may_have_no_name(registry: FakeRegistry) -> None:
    registry.users, registry.bearer = {"user": "right-password"}, True
    repository = a_repository(registry, [USER])

    value = repository.transport._handshake._bearer(
        {"realm": f"http://{registry.host}/token?a=b"}, repository._deed("x", "")
    )

    assert value.reveal() == "Bearer token-0-repository:team/app:pull,push"


class Failing(Repository):
    """A target that refuses one blob while it takes another one forever."""

    def has(self, blob: Blob) -> bool:
        del blob
        return False

    def upload(self, blob: Blob, meter: Meter) -> bool:
        if blob.size == 1:
            raise StepError("no space", exit=Exit.TEMPORARY)
        while True:
            meter.add(1)


def test_when_one_upload_fails_the_others_stop(registry: FakeRegistry) -> None:
    blobs = tuple(Blob(digest=f"sha256:{size}", size=size, open=io.BytesIO) for size in (1, 2))
    manifest = Manifest(digest="sha256:m", media_type=OCI_MANIFEST, raw=b"", blobs=blobs)

    target = Failing(transport=a_repository(registry).transport, name="team/app")

    with pytest.raises(StepError, match="no space"):
        upload(manifest, target, display=NO_DISPLAY)
