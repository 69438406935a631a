"""The OCI distribution API: look, upload what is missing, put the manifest.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar, cast

from ecsstep.errors import Exit, StepError
from ecsstep.registry.errors import Deed
from ecsstep.registry.image import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Blob,
    Manifest,
    check_digest,
    corrupt,
    digest_of,
)
from ecsstep.registry.replies import codes, listed, next_page, refused
from ecsstep.registry.transport import Transport
from ecsstep.registry.upload import Meter, Upload
from ecsstep.registry.wire import Answer
from ecsstep.rules.tag_verdict import Stored
from ecsstep.value import Value

_ACCEPT = f"{OCI_INDEX}, {OCI_MANIFEST}, {DOCKER_LIST}, {DOCKER_MANIFEST}"
_T = TypeVar("_T")
_MOST_PAGES = 1000
_OK, _CREATED, _REDIRECTS, _NOT_FOUND = 200, 201, 300, 404


class Repository(Value):
    """One repository of a registry; one method is one question or one deed.

    Attributes:
        transport: The connection to the registry.
        name: The repository's name.
    """

    transport: Transport
    name: str

    @property
    def host(self) -> str:
        """The registry's host."""
        return self.transport.host

    def stored(self, tag: str) -> Stored | None:
        """Return what the registry holds under a tag or digest, or None.

        Raises:
            StepError: The registry refuses or can't be reached.
        """
        found = self.manifest(tag)
        if found is None:
            return None
        config, layers = listed(found.raw)
        return Stored(digest=found.digest, config=config, layers=layers)

    def manifest(self, tag: str) -> Manifest | None:
        """Return the manifest under a tag or digest byte for byte, or None.

        Raises:
            StepError: The registry refuses or can't be reached.
        """
        deed = self._deed(f"look for '{self._named(tag)}'", "ecr:BatchGetImage")
        answer = self._call("GET", f"manifests/{tag}", deed, headers={"Accept": _ACCEPT})
        if answer.status == _NOT_FOUND:
            # Also where the repository is missing: ECR may create it on push.
            return None
        self._expect(answer, deed, _OK)
        digest = answer.headers.get("docker-content-digest") or digest_of(answer.body)
        try:
            check_digest(answer.body, digest, "the registry's manifest")
        except (StepError, ValueError) as error:
            raise StepError(
                f"can't {deed.doing}: the registry's answer is no manifest of its digest",
                exit=Exit.TEMPORARY,
                hint="run the step again; if it stays so, something between here and "
                f"'{deed.host}' answers",
            ) from error
        content = answer.json()
        kind = answer.headers.get("content-type") or content.get("mediaType") or ""
        return Manifest(digest=digest, media_type=kind, raw=answer.body)

    def is_there(self) -> bool:
        """Whether the registry knows the repository.

        One that makes repositories on push, as ECR does by a creation template, may say that it
        doesn't.

        Raises:
            StepError: It refuses or can't be reached.
        """
        deed = self._deed(f"look for '{self._named()}'", "ecr:BatchGetImage")
        answer = self._call("GET", "manifests/latest", deed, headers={"Accept": _ACCEPT})
        if answer.status == _NOT_FOUND:
            return "NAME_UNKNOWN" not in codes(answer)
        self._expect(answer, deed, _OK)
        return True

    def tags(self) -> tuple[str, ...]:
        """Return every tag of the repository; none where the registry doesn't know it yet.

        Raises:
            StepError: The registry refuses or can't be reached.
        """
        deed = self._deed(f"list the tags of '{self._named()}'", "ecr:ListImages")
        found: list[str] = []
        path: str | None = f"/v2/{self.name}/tags/list?n=1000"
        seen: set[str] = set()
        while path is not None and path not in seen:
            seen.add(path)
            if len(seen) > _MOST_PAGES:
                raise StepError(
                    f"can't {deed.doing}: there are more than {_MOST_PAGES} pages of them",
                    exit=Exit.USAGE,
                    hint="leave --floating-tags out, or remove old images: "
                    "a lifecycle policy keeps a repository small",
                )
            answer = self.transport.call("GET", path, deed)
            if answer.status == _NOT_FOUND:
                break
            self._expect(answer, deed, _OK)
            found += [str(tag) for tag in answer.json().get("tags") or ()]
            path = next_page(answer)
        return tuple(found)

    def has(self, blob: Blob) -> bool:
        """Whether the repository has this blob already.

        Raises:
            StepError: It has it in another size than the image says (exit 2), or it refuses.
        """
        deed = self._deed(
            f"look for blob '{blob.digest}' in '{self._named()}'",
            "ecr:BatchCheckLayerAvailability",
        )
        answer = self._call("HEAD", f"blobs/{blob.digest}", deed)
        if answer.status == _NOT_FOUND:
            return False
        if not _REDIRECTS <= answer.status < _REDIRECTS + 100:
            # A registry that keeps its blobs elsewhere answers with a redirect to one it has.
            self._expect(answer, deed, _OK)
            size = answer.headers.get("content-length", "")
            if size.isdigit() and int(size) not in (blob.size, 0):
                raise corrupt(
                    f"it says that blob '{blob.digest}' has {blob.size} bytes; it has {size}"
                )
        return True

    def upload(self, blob: Blob, meter: Meter) -> bool:
        """Bring a blob into the repository and return whether its bytes had to be sent.

        It is verified on the way, mounted from where its origins say if the registry does that,
        and resumed or begun anew where it breaks.

        Raises:
            StepError: The blob is not what its digest says (exit 2), or the registry refuses.
        """
        doing = f"upload blob '{blob.digest}' to '{self._named()}'"
        return Upload(
            self.transport,
            repository=self.name,
            blob=blob,
            deed=self._deed(doing, "ecr:UploadLayerPart"),
            meter=meter,
            refused=refused,
        ).run()

    def download(self, digest: str) -> BinaryIO:
        """Open a blob for reading, from its beginning.

        Raises:
            AgainError: It broke; reading may raise it as well.
            StepError: The registry refuses, or hasn't the blob (exit 2).
        """
        deed = self._deed(
            f"read blob '{digest}' of '{self._named()}'", "ecr:GetDownloadUrlForLayer"
        )
        answer = self.transport.download(f"/v2/{self.name}/blobs/{digest}", deed)
        if isinstance(answer, Answer):
            raise refused(answer, deed)
        return cast("BinaryIO", answer)

    def retried(self, attempt: Callable[[], _T], doing: str) -> _T:
        """Return what an attempt gives, made again where it breaks.

        Raises:
            StepError: Every attempt broke (exit 75), or one failed otherwise.
        """
        return self.transport.retried(attempt, self._deed(f"{doing} of '{self._named()}'", ""))

    def put(self, manifest: Manifest, tag: str | None = None) -> str:
        """Put a manifest, by its digest or under a tag, and return the digest that is stored.

        Raises:
            TagTakenError: The tag names another image and the registry doesn't move it.
            StepError: The registry refuses, or stores something else.
        """
        deed = self._deed(f"put '{self._named(tag or manifest.digest)}'", "ecr:PutImage")
        try:
            answer = self._call(
                "PUT",
                f"manifests/{tag or manifest.digest}",
                deed,
                headers={"Content-Type": manifest.media_type},
                body=manifest.raw,
            )
        except StepError as error:
            if not manifest.foreign or error.exit is not Exit.TEMPORARY:
                raise
            # Distribution's own registry answers 500 where its set-up forbids their places.
            raise StepError(
                error.message,
                exit=error.exit,
                hint=f"{error.hint}; if it stays so: the image has layers that are kept elsewhere "
                f"({', '.join(manifest.foreign)}), which this registry may not allow; push the "
                "image with all its layers, or let the registry allow their places",
            ) from error
        self._expect(answer, deed, _CREATED, _OK)
        digest = answer.headers.get("docker-content-digest")
        if digest is None:
            stored = self.stored(tag or manifest.digest)
            digest = stored.digest if stored else "nothing"
        if digest != manifest.digest:
            raise StepError(
                f"'{self._named(tag)}' was pushed as '{manifest.digest}', and the registry holds "
                f"'{digest}'",
                exit=Exit.TEMPORARY,
                hint="another push may have run at the same time; run the step again",
            )
        return digest

    def _call(self, method: str, path: str, deed: Deed, **more: Any) -> Answer:
        return self.transport.call(method, f"/v2/{self.name}/{path}", deed, **more)

    def _expect(self, answer: Answer, deed: Deed, *wanted: int) -> None:
        if answer.status not in wanted:
            raise refused(answer, deed)

    def _deed(self, doing: str, action: str) -> Deed:
        return Deed(doing=doing, host=self.transport.host, repository=self.name, action=action)

    def _named(self, tag: str | None = None) -> str:
        name = f"{self.transport.host}/{self.name}"
        if tag is None:
            return name
        return f"{name}@{tag}" if tag.startswith("sha") and ":" in tag else f"{name}:{tag}"
