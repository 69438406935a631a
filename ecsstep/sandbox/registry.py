"""The registry protocol (``/v2/``, the OCI distribution specification) over the emulated ECR.

What is pushed here is an image of ECR's API at once, with the digest of its exact bytes.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from werkzeug.http import parse_options_header, parse_range_header
from werkzeug.wrappers import Request, Response

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.blobs import DigestInvalidError, RegistryError, digest_of
from ecsstep.sandbox.images import Images
from ecsstep.sandbox.manifests import check_tag
from ecsstep.sandbox.uploads import Uploads

_ROUTE = re.compile(
    r"/v2/(?P<name>.+)/(?:blobs/uploads/?(?P<upload>[^/]*)|tags/list"
    r"|(?P<kind>blobs|manifests)/(?P<reference>[^/]+))"
)
_CHUNK = 1 << 20
_STATUS = {
    "BLOB_UNKNOWN": 404,
    "BLOB_UPLOAD_INVALID": 416,
    "BLOB_UPLOAD_UNKNOWN": 404,
    "DENIED": 403,
    "MANIFEST_UNKNOWN": 404,
    "NAME_UNKNOWN": 404,
    "UNAUTHORIZED": 401,
    "UNKNOWN": 500,
    "UNSUPPORTED": 405,
}
_CODES = {
    "ImageTagAlreadyExistsException": "TAG_INVALID",
    "InvalidParameterException": "MANIFEST_INVALID",
    "LayersNotFoundException": "MANIFEST_BLOB_UNKNOWN",
    "ReferencedImagesNotFoundException": "MANIFEST_BLOB_UNKNOWN",
    "RepositoryNotFoundException": "NAME_UNKNOWN",
}
# Which IAM action ECR asks for where a client speaks the registry's protocol.
_ACTIONS = {
    ("GET", "blobs"): "ecr:GetDownloadUrlForLayer",
    ("HEAD", "blobs"): "ecr:BatchCheckLayerAvailability",
    ("GET", "manifests"): "ecr:BatchGetImage",
    ("HEAD", "manifests"): "ecr:BatchGetImage",
    ("PUT", "manifests"): "ecr:PutImage",
    ("GET", "tags"): "ecr:ListImages",
    ("POST", "uploads"): "ecr:InitiateLayerUpload",
    ("PATCH", "uploads"): "ecr:UploadLayerPart",
    ("PUT", "uploads"): "ecr:CompleteLayerUpload",
}
Allowed = Callable[[str, str], str | None]
"""Returns why an action on a repository is not allowed, or None where it is."""


def action_of(method: str, path: str) -> str | None:
    """Return the IAM action that ECR asks for with a request; None for a login."""
    found = _ROUTE.fullmatch(path)
    return _ACTIONS.get((method, _kind(found))) if found else None


def _kind(found: re.Match[str]) -> str:
    return found["kind"] or ("tags" if found["upload"] is None else "uploads")


class Registry:
    """A WSGI application: one region's registry."""

    def __init__(
        self, images: Images, *, region: str, host: str, tokens: set[str], refused: Allowed
    ) -> None:
        self._images = images
        self._region = region
        self._host = host
        self._tokens = tokens
        self._refused = refused

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        try:
            response = self._answer(request)
        except RegistryError as error:
            response = _failed(error.code, str(error))
        except ApiError as error:
            response = _failed(_CODES[error.code], error.message)
        except OSError:
            raise  # the client has gone
        except Exception as error:  # noqa: BLE001 - a bug of the emulation is an answer of it
            response = _failed("UNKNOWN", f"the sandbox failed: {type(error).__name__}: {error}")
        if response.status_code == _STATUS["UNAUTHORIZED"]:
            response.headers["WWW-Authenticate"] = (
                f'Basic realm="http://{self._host}/",service="ecr.amazonaws.com"'
            )
        response.headers["Docker-Distribution-Api-Version"] = "registry/2.0"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not self._knows(request.headers.get("Authorization", "")):
            raise RegistryError("UNAUTHORIZED", "Not Authorized")
        if request.path.rstrip("/") == "/v2":
            return Response("{}", content_type="application/json")
        found = _ROUTE.fullmatch(request.path)
        if not found:
            raise RegistryError("UNSUPPORTED", f"there is no '{request.path}'")
        kind = _kind(found)
        action = _ACTIONS.get((request.method, kind))
        why = self._refused(action, found["name"]) if action else None
        if why:
            raise RegistryError("DENIED", why)
        repository = self._images.repository(self._region, found["name"])
        if kind == "tags":
            return _tags(repository, request)
        if kind == "uploads":
            return Uploads(self._images, self._region, repository, request).answer(found["upload"])
        if kind == "blobs":
            return self._blob(repository, request, found["reference"])
        return self._manifest(repository, request, found["reference"])

    def _knows(self, authorization: str) -> bool:
        scheme, _, word = authorization.partition(" ")
        try:
            user, _, password = base64.b64decode(word).decode().partition(":")
        except ValueError:
            return False
        return scheme.lower() == "basic" and user == "AWS" and password in self._tokens

    def _blob(self, repository: Any, request: Request, digest: str) -> Response:
        if request.method not in {"GET", "HEAD"}:
            raise RegistryError("UNSUPPORTED", "layers are deleted by ECR itself")
        path = self._images.blobs.path(digest)
        size = repository.layers.get(digest)
        if size is None:
            raise RegistryError("BLOB_UNKNOWN", f"there is no layer '{digest}'")
        wanted = parse_range_header(request.headers.get("Range"))
        span = wanted.range_for_length(size) if wanted else (0, size)
        if span is None:
            raise RegistryError("BLOB_UPLOAD_INVALID", f"the layer has {size} bytes")
        start, end = span
        response = Response(
            _read(path, start, end) if request.method == "GET" else None,
            status=206 if wanted else 200,
            content_type="application/octet-stream",
        )
        response.headers["Content-Length"] = str(end - start)
        response.headers["Docker-Content-Digest"] = digest
        response.headers["Accept-Ranges"] = "bytes"
        if wanted:
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return response

    def _manifest(self, repository: Any, request: Request, reference: str) -> Response:
        digest = reference if ":" in reference else None
        tag = None if digest else reference
        if request.method == "PUT":
            return self._put(repository, request, tag=tag, digest=digest)
        if request.method not in {"GET", "HEAD"}:
            raise RegistryError("UNSUPPORTED", "images are deleted by ECR's BatchDeleteImage")
        image = self._images.find(repository, digest=digest, tag=tag)
        if image is None:
            raise RegistryError("MANIFEST_UNKNOWN", "Requested image not found")
        response = Response(image.manifest, content_type=image.media_type)
        response.headers["Docker-Content-Digest"] = image.digest
        return response

    def _put(
        self, repository: Any, request: Request, *, tag: str | None, digest: str | None
    ) -> Response:
        manifest = request.get_data()
        if tag is not None:
            check_tag(tag)
        actual = digest_of(manifest)
        if digest not in (None, actual):
            raise DigestInvalidError(f"the manifest's digest is {actual}, not '{digest}'")
        media_type, _ = parse_options_header(request.headers.get("Content-Type"))
        try:
            self._images.put(repository, manifest, tag=tag, media_type=media_type or None)
        except ApiError as error:
            # The same image under the same tag again is what was asked for.
            if error.code != "ImageAlreadyExistsException":
                raise
        response = Response(status=201)
        response.headers["Location"] = f"/v2/{repository.name}/manifests/{actual}"
        response.headers["Docker-Content-Digest"] = actual
        return response


def _tags(repository: Any, request: Request) -> Response:
    tags = sorted(tag for image in repository.images for tag in image.tags)
    last, number = request.args.get("last", ""), request.args.get("n", type=int)
    tags = [tag for tag in tags if tag > last]
    page = tags if number is None else tags[:number]
    response = Response(
        json.dumps({"name": repository.name, "tags": page}), content_type="application/json"
    )
    if page and len(page) < len(tags):
        url = f"/v2/{repository.name}/tags/list?n={number}&last={page[-1]}"
        response.headers["Link"] = f'<{url}>; rel="next"'
    return response


def _read(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end:
            chunk = file.read(min(_CHUNK, end - start))
            start += len(chunk)
            yield chunk


def _failed(code: str, message: str) -> Response:
    errors = [{"code": code, "message": message, "detail": {}}]
    return Response(
        json.dumps({"errors": errors}),
        status=_STATUS.get(code, 400),
        content_type="application/json",
    )
