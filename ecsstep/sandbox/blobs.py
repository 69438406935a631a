"""The bytes of layers and configs: files in the sandbox's folder, checked as they arrive."""

import hashlib
import re
import secrets
import threading
from pathlib import Path
from typing import IO

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHUNK = 1 << 20


def digest_of(content: bytes) -> str:
    """Return the digest of these bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class RegistryError(Exception):
    """An answer of a registry that is an error.

    Attributes:
        code: The code that the distribution specification gives it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DigestInvalidError(RegistryError):
    """What arrived is not what was announced."""

    def __init__(self, message: str) -> None:
        super().__init__("DIGEST_INVALID", message)


class Upload:
    """A blob on its way in.

    Attributes:
        id: The upload's name.
        repository: The repository that it goes to.
        size: How many bytes have arrived.
    """

    def __init__(self, folder: Path, repository: str) -> None:
        self.id = secrets.token_hex(16)
        self.repository = repository
        self.size = 0
        self._path = folder / self.id
        self._path.touch()
        self._sum = hashlib.sha256()
        self._lock = threading.Lock()

    @property
    def digest(self) -> str:
        """The digest of what has arrived."""
        return f"sha256:{self._sum.hexdigest()}"

    def append(self, stream: IO[bytes]) -> None:
        """Take in what the stream has; what arrived before it broke stays."""
        with self._lock, self._path.open("ab") as file:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)
                self._sum.update(chunk)
                self.size += len(chunk)

    def move(self, target: Path) -> None:
        """Put what has arrived in its place."""
        target.parent.mkdir(exist_ok=True)
        self._path.replace(target)

    def discard(self) -> None:
        """Forget what has arrived."""
        self._path.unlink(missing_ok=True)


class Blobs:
    """The blobs of all repositories, each stored once; who may see which, the repositories know."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._uploads: dict[str, Upload] = {}
        (folder / "uploads").mkdir(parents=True)

    def path(self, digest: str) -> Path:
        """Return where the blob with this digest is or would be."""
        if not _DIGEST.fullmatch(digest):
            raise DigestInvalidError(f"'{digest}' is no sha256 digest")
        return self._folder / "blobs" / digest.removeprefix("sha256:")

    def begin(self, repository: str) -> Upload:
        """Return a new upload."""
        upload = Upload(self._folder / "uploads", repository)
        self._uploads[upload.id] = upload
        return upload

    def upload(self, repository: str, upload_id: str) -> Upload | None:
        """Return the upload of this name, if this repository has it."""
        found = self._uploads.get(upload_id)
        return found if found and found.repository == repository else None

    def cancel(self, upload: Upload) -> None:
        """Forget an upload."""
        self._uploads.pop(upload.id, None)
        upload.discard()

    def finish(self, upload: Upload, digest: str) -> int:
        """Keep the blob and return its size.

        Raises:
            DigestInvalidError: It has another digest; the upload is forgotten.
        """
        if upload.digest != digest:
            self.cancel(upload)
            raise DigestInvalidError(f"the blob's digest is {upload.digest}, not '{digest}'")
        self._uploads.pop(upload.id, None)
        upload.move(self.path(digest))
        return upload.size

    def keep(self, content: bytes) -> tuple[str, int]:
        """Keep these bytes; return their digest and size."""
        digest = digest_of(content)
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        return digest, len(content)
