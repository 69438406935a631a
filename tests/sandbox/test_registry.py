"""The registry protocol, as a client on the wire meets it."""

import base64
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
import urllib3
from emulated import a_descriptor, a_manifest, an_index, sha256

from ecsstep.sandbox.registry import action_of
from ecsstep.sandbox.server import Sandbox

CONFIG, LAYER = b'{"os": "linux"}', bytes(range(256)) * 1000
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Client:
    """A registry's client that has logged in."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.pool = urllib3.PoolManager()
        self.ecr: Any = boto3.client(
            "ecr",
            endpoint_url=sandbox.url,
            region_name=sandbox.region,
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )
        [data] = self.ecr.get_authorization_token()["authorizationData"]
        self.basic = f"Basic {data['authorizationToken']}"

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.pool.request(
            method,
            self.sandbox.url + path,
            body=body,
            headers={"Authorization": self.basic, **named},
        )

    def push_blob(self, repository: str, blob: bytes) -> None:
        begun = self("POST", f"/v2/{repository}/blobs/uploads/")
        stored = self("PUT", f"{begun.headers['Location']}?digest={sha256(blob)}", blob)
        assert stored.status == 201

    def close(self) -> None:
        self.pool.clear()
        self.ecr.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(environ={}) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox)
    yield client
    client.close()


def error_of(response: urllib3.BaseHTTPResponse) -> tuple[int, str]:
    return response.status, json.loads(response.data)["errors"][0]["code"]


def test_a_pushed_image_is_in_ecr_by_the_digest_of_its_exact_bytes(client: Client) -> None:
    client.push_blob("app", CONFIG)
    client.push_blob("app", LAYER)
    manifest = a_manifest(CONFIG, LAYER) + b"\n"

    put = client("PUT", "/v2/app/manifests/v2", manifest, Content_Type=OCI_MANIFEST)

    assert (put.status, put.headers["Docker-Content-Digest"]) == (201, sha256(manifest))
    [found] = client.ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "v2"}])[
        "imageDetails"
    ]
    assert found["imageDigest"] == sha256(manifest)
    assert found["imageSizeInBytes"] == len(CONFIG) + len(LAYER)
    for reference in ("v2", sha256(manifest)):
        got = client("GET", f"/v2/app/manifests/{reference}")
        assert (got.data, got.headers["Content-Type"]) == (manifest, OCI_MANIFEST)
    head = client("HEAD", "/v2/app/manifests/v2")
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(manifest)))


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer x", id="another scheme"),
        pytest.param("Basic ?", id="no base64"),
        pytest.param(f"Basic {base64.b64encode(b'AWS:guess').decode()}", id="a guess"),
    ],
)
def test_without_a_token_that_was_handed_out_there_is_no_way_in(
    client: Client, authorization: str
) -> None:
    answer = client("GET", "/v2/", Authorization=authorization)

    assert error_of(answer) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="http://127.0.0.1:')
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"


def test_a_login_is_welcome_at_both_spellings_of_the_root(client: Client) -> None:
    assert [client("GET", path).status for path in ("/v2/", "/v2")] == [200, 200]


def test_a_blob_can_come_at_once(client: Client) -> None:
    blob = b"at once"

    answer = client("POST", f"/v2/app/blobs/uploads/?digest={sha256(blob)}", blob)

    assert answer.status == 201
    assert client("GET", answer.headers["Location"]).data == blob


def test_a_blob_can_come_in_chunks_of_any_transfer_and_its_progress_can_be_asked(
    client: Client,
) -> None:
    blob = b"0123456789"
    location = client("POST", "/v2/app/blobs/uploads/").headers["Location"]

    first = client("PATCH", location, blob[:4], Content_Range="0-3")
    status = client("GET", location)
    wrong = client("PATCH", location, blob[4:], Content_Range="5-9")
    # An iterator has no length: urllib3 sends it in chunks, as docker does.
    second = client("PATCH", location, iter([blob[4:7], blob[7:9]]))
    last = client("PUT", f"{location}?{urlencode({'digest': sha256(blob)})}", blob[9:])

    assert (first.status, first.headers["Range"]) == (202, "0-3")
    assert (status.status, status.headers["Range"]) == (204, "0-3")
    assert error_of(wrong) == (416, "BLOB_UPLOAD_INVALID")
    assert (second.status, second.headers["Range"]) == (202, "0-8")
    assert last.status == 201
    assert client("GET", f"/v2/app/blobs/{sha256(blob)}").data == blob


def test_a_blob_that_is_not_what_it_says_is_refused(client: Client) -> None:
    location = client("POST", "/v2/app/blobs/uploads/").headers["Location"]

    wrong = client("PUT", f"{location}?digest={sha256(b'one')}", b"another")
    gone = client("GET", location)
    no_digest = client("POST", "/v2/app/blobs/uploads/?digest=md5:1", b"x")

    assert error_of(wrong) == (400, "DIGEST_INVALID")
    assert error_of(gone) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert error_of(no_digest) == (400, "DIGEST_INVALID")
    assert client("HEAD", f"/v2/app/blobs/{sha256(b'one')}").status == 404


def test_an_upload_can_be_given_up(client: Client) -> None:
    location = client("POST", "/v2/app/blobs/uploads/").headers["Location"]

    assert client("DELETE", location).status == 204
    assert client("GET", location).status == 404


def test_what_arrived_before_the_connection_broke_stays(client: Client) -> None:
    location = client("POST", "/v2/app/blobs/uploads/").headers["Location"]
    host, _, port = client.sandbox.registry.partition(":")
    head = (
        f"PATCH {location} HTTP/1.1\r\nHost: {client.sandbox.registry}\r\n"
        f"Authorization: {client.basic}\r\nContent-Length: 10\r\n\r\n"
    )

    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"0123")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""

    assert client("GET", location).headers["Range"] == "0-3"


def test_a_blob_is_mounted_from_a_repository_that_has_it_and_only_from_such_a_one(
    client: Client,
) -> None:
    blob = b"to be mounted"
    client.push_blob("app", blob)
    path, digest = "/v2/laravel-php/blobs/uploads/", sha256(blob)

    before = client("HEAD", f"/v2/laravel-php/blobs/{digest}")
    from_nowhere = client("POST", f"{path}?mount={digest}&from=nope")
    from_other = client("POST", f"{path}?mount={digest}&from=immutable")
    mounted = client("POST", f"{path}?mount={digest}&from=app")

    assert (before.status, from_nowhere.status, from_other.status) == (404, 202, 202)
    assert (mounted.status, mounted.headers["Docker-Content-Digest"]) == (201, digest)
    assert client("GET", f"/v2/laravel-php/blobs/{digest}").data == blob


def test_a_part_of_a_blob_is_given(client: Client) -> None:
    client.push_blob("app", LAYER)
    path = f"/v2/app/blobs/{sha256(LAYER)}"

    part = client("GET", path, Range="bytes=100-199")
    beyond = client("GET", path, Range="bytes=999999999-")

    assert (part.status, part.data) == (206, LAYER[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(LAYER)}"
    assert beyond.status == 416
    assert client("HEAD", path).headers["Content-Length"] == str(len(LAYER))


def test_the_same_image_again_is_fine_also_under_an_immutable_tag_and_another_is_not(
    client: Client,
) -> None:
    for blob in (CONFIG, LAYER):
        client.push_blob("immutable", blob)
    path = "/v2/immutable/manifests/v1"

    first, again = (client("PUT", path, a_manifest(CONFIG, LAYER)) for _ in range(2))
    other = client("PUT", path, a_manifest(CONFIG))

    assert (first.status, again.status) == (201, 201)
    assert error_of(other) == (400, "TAG_INVALID")
    assert "immutable" in json.loads(other.data)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("manifest", "reference", "code"),
    [
        pytest.param(a_manifest(CONFIG, b"absent"), "x", "MANIFEST_BLOB_UNKNOWN", id="no blob"),
        pytest.param(an_index([sha256(b"?")]), "x", "MANIFEST_BLOB_UNKNOWN", id="no child"),
        pytest.param(b"<html>", "x", "MANIFEST_INVALID", id="no JSON"),
        pytest.param(a_manifest(CONFIG), sha256(b"?"), "DIGEST_INVALID", id="other digest"),
        pytest.param(a_manifest(CONFIG), "a" * 129, "MANIFEST_INVALID", id="too long a tag"),
        pytest.param(
            a_manifest(CONFIG, layers=[{**a_descriptor(CONFIG), "size": 0}]),
            "x",
            "MANIFEST_INVALID",
            id="wrong size",
        ),
    ],
)
def test_a_tag_never_points_at_a_broken_image(
    client: Client, manifest: bytes, reference: str, code: str
) -> None:
    client.push_blob("app", CONFIG)

    put = client("PUT", f"/v2/app/manifests/{reference}", manifest)

    assert error_of(put) == (400, code)
    assert client("HEAD", f"/v2/app/manifests/{reference}").status == 404


def test_a_content_type_may_have_parameters_but_not_contradict(client: Client) -> None:
    client.push_blob("app", CONFIG)
    path, manifest = "/v2/app/manifests/typed", a_manifest(CONFIG)

    wrong = client("PUT", path, manifest, Content_Type="application/json")
    right = client("PUT", path, manifest, Content_Type=f"{OCI_MANIFEST}; charset=utf-8")

    assert (error_of(wrong), right.status) == ((400, "MANIFEST_INVALID"), 201)


def test_a_repository_that_does_not_exist_is_named(client: Client) -> None:
    answer = client("POST", "/v2/team/nope/blobs/uploads/")

    assert error_of(answer) == (404, "NAME_UNKNOWN")
    assert json.loads(answer.data)["errors"][0]["message"] == (
        "The repository with name 'team/nope' does not exist in the registry with id '123456789012'"
    )


def test_a_repository_of_the_api_is_one_of_the_registry_under_its_uri(client: Client) -> None:
    made = client.ecr.create_repository(repositoryName="team/new")["repository"]

    assert made["repositoryUri"] == f"{client.sandbox.registry}/team/new"
    client.push_blob("team/new", CONFIG)
    assert client("PUT", "/v2/team/new/manifests/v1", a_manifest(CONFIG)).status == 201
    with pytest.raises(client.ecr.exceptions.RepositoryNotEmptyException):
        client.ecr.delete_repository(repositoryName="team/new")
    client.ecr.delete_repository(repositoryName="team/new", force=True)
    assert error_of(client("GET", "/v2/team/new/tags/list")) == (404, "NAME_UNKNOWN")


def test_tags_are_listed_in_pages(client: Client) -> None:
    client.push_blob("laravel-nginx", CONFIG)
    for tag in ("c", "a", "b"):
        client("PUT", f"/v2/laravel-nginx/manifests/{tag}", a_manifest(CONFIG))

    first = client("GET", "/v2/laravel-nginx/tags/list?n=2")
    link = first.headers["Link"].partition(">")[0].removeprefix("<")
    rest = client("GET", link)

    assert json.loads(first.data) == {"name": "laravel-nginx", "tags": ["a", "b"]}
    assert json.loads(rest.data)["tags"] == ["c", "prod-1"]
    assert "Link" not in rest.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v2/app/manifests/v1.0.0"),
        ("DELETE", f"/v2/app/blobs/{sha256(b'')}"),
        ("GET", "/v2/app/blobs/uploads/"),
        ("GET", "/v2/app/elsewhere"),
    ],
)
def test_what_ecr_does_not_do_is_said(client: Client, method: str, path: str) -> None:
    assert error_of(client(method, path)) == (405, "UNSUPPORTED")


def test_an_upload_takes_no_other_method(client: Client) -> None:
    location = client("POST", "/v2/app/blobs/uploads/").headers["Location"]

    assert client("POST", location).status == 405


def test_one_connection_serves_many_requests_also_after_a_body_that_nobody_read(
    client: Client,
) -> None:
    for _ in range(3):
        assert client("PUT", "/v2/app/manifests/x", LAYER, Authorization="").status == 401
        assert client("GET", "/v2/").status == 200

    assert client.pool.connection_from_url(client.sandbox.url).num_connections == 1


def test_a_bug_of_the_emulation_is_a_server_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(client.sandbox.images, "blobs")

    assert error_of(client("POST", "/v2/app/blobs/uploads/")) == (500, "UNKNOWN")


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", "/v2/", None),
        ("HEAD", "/v2/team/app/blobs/sha256:0", "ecr:BatchCheckLayerAvailability"),
        ("POST", "/v2/app/blobs/uploads/", "ecr:InitiateLayerUpload"),
        ("PUT", "/v2/app/manifests/v1", "ecr:PutImage"),
        ("GET", "/v2/app/tags/list", "ecr:ListImages"),
        ("DELETE", "/v2/app/manifests/v1", None),
    ],
)
def test_a_request_needs_the_permission_that_ecr_asks_for(
    method: str, path: str, action: str | None
) -> None:
    assert action_of(method, path) == action


@pytest.mark.real("skopeo")
def test_a_real_client_copies_an_image_there_and_back_with_its_digest(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "auth.json").write_text(
        json.dumps(
            {"auths": {client.sandbox.registry: {"auth": client.basic.removeprefix("Basic ")}}}
        )
    )

    def skopeo(*argv: str) -> str:
        return subprocess.run(
            ["skopeo", *argv],
            check=True,
            env={**os.environ, "REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")},
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
        ).stdout

    there, layout = f"docker://{client.sandbox.registry}", f"oci:{tmp_path / 'layout'}:x"
    skopeo("copy", "--src-tls-verify=false", f"{there}/app:v1.0.0", layout)
    skopeo("copy", "--dest-tls-verify=false", layout, f"{there}/immutable:copied")
    seen = json.loads(skopeo("inspect", "--tls-verify=false", f"{there}/immutable:copied"))

    [found] = client.ecr.describe_images(
        repositoryName="immutable", imageIds=[{"imageTag": "copied"}]
    )["imageDetails"]
    assert found["imageDigest"] == seen["Digest"]
    assert "copied" in seen["RepoTags"]
