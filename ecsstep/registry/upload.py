"""One blob's way into a repository: mounted, or sent; resumed or begun anew where it broke."""

import re
from collections.abc import Callable
from typing import BinaryIO, Protocol
from urllib.parse import urlencode

from ecsstep.errors import Exit, StepError
from ecsstep.registry.errors import Deed
from ecsstep.registry.image import Blob, corrupt
from ecsstep.registry.transport import Transport
from ecsstep.registry.verified import Verified
from ecsstep.registry.wire import AgainError, Answer

_CHUNK = 1024 * 1024
_CREATED, _ACCEPTED, _NO_CONTENT, _OK = 201, 202, 204, 200
_RANGE = re.compile(r"(?:bytes=)?0-([1-9]\d*)")


class Meter(Protocol):
    """Is told of every part before it is sent."""

    def add(self, count: int) -> None:
        """Count bytes; fewer than none were sent in vain. It may raise to stop the upload."""
        ...


class Upload:
    """One blob into one repository.

    Args:
        transport: The connection to the registry.
        repository: The repository's name.
        blob: What is uploaded.
        deed: What it is about, for a refusal.
        meter: Is told of every part.
        refused: Makes the error of an answer that is a refusal.
    """

    def __init__(  # noqa: PLR0913 - a thing of its own, with all that it needs
        self,
        transport: Transport,
        *,
        repository: str,
        blob: Blob,
        deed: Deed,
        meter: Meter,
        refused: Callable[[Answer, Deed], StepError],
    ) -> None:
        if blob.open is None:
            raise corrupt(f"the source lacks blob '{blob.digest}', and so does the registry")
        self._open: Callable[[], BinaryIO] = blob.open
        self._transport = transport
        self._blob = blob
        self._deed = deed
        self._meter = meter
        self._refused = refused
        self._root = f"/v2/{repository}/blobs"
        self._mounts = [
            name for host, name in blob.origins if host == transport.host and name != repository
        ]
        self._place: str | None = None  # where the registry takes the rest of a begun upload
        self._counted = 0

    def run(self) -> bool:
        """Return whether bytes had to be sent; False for a blob that was mounted.

        Raises:
            StepError: The blob is not what its digest says (exit 2), or the registry refuses.
        """
        return self._transport.retried(self._attempt, self._deed)

    def _attempt(self) -> bool:
        if self._place and self._is_there():
            return True
        offset = self._resumable() if self._place else None
        if offset is None:
            self._place = None
            if not self._begun():
                return False
        try:
            self._send(offset or 0)
            self._finish()
        except StepError as error:
            if offset is None or error.exit is Exit.ACCESS:
                raise
            # It may be the way we took it up again that the registry doesn't like.
            self._place = None
            raise AgainError(error.message) from error
        return True

    def _resumable(self) -> int | None:
        """Return how many bytes of the begun upload the registry kept, or None to begin anew."""
        answer = self._transport.once("GET", str(self._place), self._deed)
        found = _RANGE.fullmatch(answer.headers.get("range", ""))
        if answer.status != _NO_CONTENT or not found:
            return None
        kept = int(found[1]) + 1
        self._place = answer.headers.get("location") or self._place
        return kept if kept <= self._blob.size else None

    def _is_there(self) -> bool:
        """Whether the registry has finished it though its answer was lost."""
        found = self._transport.once("HEAD", f"{self._root}/{self._blob.digest}", self._deed)
        return found.status == _OK

    def _begun(self) -> bool:
        """Begin an upload; False where the registry had the blob in another repository."""
        for origin in self._mounts:
            asked = urlencode({"mount": self._blob.digest, "from": origin})
            answer = self._post(f"?{asked}")
            if answer.status == _CREATED:
                return False
            if answer.status == _ACCEPTED:
                self._place = _location(answer)
                return True
            # A registry that knows no mounting, or hasn't this repository.
        answer = self._post()
        self._expect(answer, self._deed.replaced(action="ecr:InitiateLayerUpload"), _ACCEPTED)
        self._place = _location(answer)
        return True

    def _post(self, query: str = "") -> Answer:
        return self._transport.once("POST", f"{self._root}/uploads/{query}", self._deed, size=0)

    def _send(self, offset: int) -> None:
        self._meter.add(offset - self._counted)
        self._counted = offset
        with self._open() as file:
            body = Verified(self._blob, file)
            while body.done < offset:
                body.read(min(offset - body.done, _CHUNK))
            if offset == self._blob.size and offset:
                return
            sent = self._transport.once(
                "PATCH",
                str(self._place),
                self._deed,
                headers={"Content-Range": f"{offset}-{self._blob.size - 1}"} if offset else {},
                body=_Metered(body, self._count),
                size=self._blob.size - offset,
            )
        self._expect(sent, self._deed, _ACCEPTED, _NO_CONTENT)
        self._place = _location(sent)

    def _finish(self) -> None:
        place = str(self._place)
        place += f"{'&' if '?' in place else '?'}digest={self._blob.digest}"
        done = self._transport.once("PUT", place, self._deed, size=0)
        self._expect(
            done, self._deed.replaced(action="ecr:CompleteLayerUpload"), _CREATED, _NO_CONTENT
        )

    def _count(self, count: int) -> None:
        self._meter.add(count)
        self._counted += count

    def _expect(self, answer: Answer, deed: Deed, *wanted: int) -> None:
        if answer.status not in wanted:
            raise self._refused(answer, deed)


class _Metered:
    """A blob's bytes, counted while they are sent."""

    def __init__(self, body: Verified, count: Callable[[int], None]) -> None:
        self._body = body
        self._count = count

    def read(self, size: int = -1) -> bytes:
        part = self._body.read(size)
        self._count(len(part))
        return part


def _location(answer: Answer) -> str:
    place = answer.headers.get("location")
    if not place:
        raise StepError(
            f"the registry's answer to an upload names no place (status {answer.status})",
            exit=Exit.TEMPORARY,
            hint="run the step again",
        )
    return place
