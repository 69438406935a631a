"""How a blob comes into a registry: at once, in chunks, or from a neighbouring repository."""

import re
from typing import Any

from werkzeug.wrappers import Request, Response

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.blobs import RegistryError, Upload
from ecsstep.sandbox.images import Images


class Uploads:
    """One request about uploads into one repository."""

    def __init__(self, images: Images, region: str, repository: Any, request: Request) -> None:
        self._images = images
        self._region = region
        self._repository = repository
        self._request = request

    def answer(self, upload_id: str) -> Response:
        """Return the answer; without an id the request is for a new upload.

        Raises:
            RegistryError: The registry refuses it.
        """
        if not upload_id:
            if self._request.method != "POST":
                raise RegistryError("UNSUPPORTED", "an upload begins with POST")
            return self._begun()
        upload = self._images.blobs.upload(self._repository.name, upload_id)
        if upload is None:
            raise RegistryError("BLOB_UPLOAD_UNKNOWN", f"there is no upload '{upload_id}'")
        match self._request.method:
            case "PATCH":
                self._append(upload)
                return self._progress(upload, 202)
            case "PUT":
                return self._finished(upload)
            case "GET":
                return self._progress(upload, 204)
            case "DELETE":
                self._images.blobs.cancel(upload)
                return Response(status=204)
            case _:
                raise RegistryError("UNSUPPORTED", f"no upload takes {self._request.method}")

    def _begun(self) -> Response:
        mounted = self._request.args.get("mount")
        if mounted and self._mount(mounted, self._request.args.get("from", "")):
            return self._stored(mounted)
        upload = self._images.blobs.begin(self._repository.name)
        if "digest" in self._request.args:
            return self._finished(upload)
        return self._progress(upload, 202)

    def _mount(self, digest: str, source: str) -> bool:
        """Take a blob over from another repository, if that has it."""
        try:
            held = self._images.repository(self._region, source).layers
        except ApiError:
            return False
        if digest not in held:
            return False
        self._repository.layers[digest] = held[digest]
        return True

    def _append(self, upload: Upload) -> None:
        announced = re.fullmatch(
            r"(?:bytes )?(\d+)-\d+(?:/.*)?", self._request.headers.get("Content-Range", "")
        )
        if announced and int(announced[1]) != upload.size:
            raise RegistryError("BLOB_UPLOAD_INVALID", f"the next byte is number {upload.size}")
        upload.append(self._request.stream)

    def _finished(self, upload: Upload) -> Response:
        digest = self._request.args.get("digest", "")
        # Said before the bytes are read: a digest of another kind can't come true.
        self._images.blobs.path(digest)
        self._append(upload)
        self._repository.layers[digest] = self._images.blobs.finish(upload, digest)
        return self._stored(digest)

    def _progress(self, upload: Upload, status: int) -> Response:
        response = Response(status=status)
        response.headers["Location"] = f"/v2/{self._repository.name}/blobs/uploads/{upload.id}"
        response.headers["Docker-Upload-UUID"] = upload.id
        response.headers["Range"] = f"0-{max(upload.size - 1, 0)}"
        return response

    def _stored(self, digest: str) -> Response:
        response = Response(status=201)
        response.headers["Location"] = f"/v2/{self._repository.name}/blobs/{digest}"
        response.headers["Docker-Content-Digest"] = digest
        return response
