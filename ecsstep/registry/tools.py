"""Docker, podman and buildah behind one shape."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecsstep.core.files import exists
from ecsstep.core.process import Completed, Run
from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials
from ecsstep.registry.errors import Deed, refusal
from ecsstep.rules.image import is_loopback
from ecsstep.rules.rebuilds import revision_of
from ecsstep.rules.registries import auth_key
from ecsstep.rules.tag_verdict import Identity
from ecsstep.rules.trouble import Trouble, trouble_in
from ecsstep.text import listed, printable
from ecsstep.value import Value

_PUSHED = re.compile(r"(?:digest: |^)(sha256:[0-9a-f]{64})\b", re.MULTILINE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{64}")


class LocalImage(Value):
    """An image as an engine knows it.

    Attributes:
        id: The configuration's digest, or the manifest's in engines that store those.
        digests: The digests that registries have for it, as far as the engine knows.
        layers: How many layers it has, where the engine tells.
        revision: The commit that its label names; empty without one.
    """

    id: str
    digests: frozenset[str] = frozenset()
    layers: int | None = None
    revision: str = ""

    @property
    def identity(self) -> Identity:
        """What names this image in a registry."""
        return Identity(manifests=self.digests | {self.id}, config=self.id, layers=self.layers)


class Tool(Value):
    """A container tool; one method is one run of it.

    Attributes:
        name: ``docker``, ``podman`` or ``buildah``.
        run: Starts programs.
        folder: The folder of docker's configuration, if one was given.
    """

    name: str
    run: Run
    folder: str | None = None

    def login(self, host: str, credentials: Credentials) -> None:
        """Log in to a registry; the password goes in on stdin.

        Raises:
            StepError: The registry refuses (exit 5), can't be reached (75), or the tool fails (6).
        """
        argv = (
            *self._argv("login", host=host),
            "--username",
            credentials.user,
            "--password-stdin",
            auth_key(host),
        )
        done = self.run(argv, stdin=credentials.password)
        self._checked(done, Deed(doing=f"log in to '{host}' by {self.name}", host=host))

    def logout(self, host: str) -> None:
        """Forget a registry's login; having none is fine.

        Raises:
            StepError: The tool fails (exit 6).
        """
        argv = tuple(word for word in self._argv("logout", host=host) if "tls" not in word)
        done = self.run((*argv, auth_key(host)))
        if done.code != 0 and not re.search(r"not logged in", done.said, re.IGNORECASE):
            self._checked(done, Deed(doing=f"log out of '{host}' by {self.name}", host=host))

    def image(self, image: str) -> LocalImage | None:
        """Return the engine's image of this name, or None where it has none.

        Raises:
            StepError: The engine doesn't answer (exit 6).
        """
        kind = ("--type", "image") if self.name == "buildah" else ()
        verb = ("inspect",) if self.name == "buildah" else ("image", "inspect")
        done = self.run((self.name, *verb, *kind, image))
        if done.code != 0:
            trouble = trouble_in(done.stderr)
            if trouble is Trouble.NO_IMAGE:
                return None
            deed = Deed(doing=f"look for image '{image}' in {self.name}", host="")
            raise self._error(deed, trouble, done)
        return _local_image(done.stdout, self.name)

    def tag(self, image: str, reference: str) -> None:
        """Give an image a further name.

        Raises:
            StepError: The engine hasn't the image (exit 2) or fails (6).
        """
        done = self.run((self.name, "tag", image, reference))
        self._checked(done, Deed(doing=f"tag '{image}' as '{reference}' by {self.name}", host=""))

    def push(self, reference: str, *, host: str, repository: str) -> str | None:
        """Push an image by its name and return the digest that the tool speaks of, if it does.

        Raises:
            TagTakenError: The registry doesn't let the tag move.
            StepError: As the registry's refusal or the tool's failure has it.
        """
        # docker says the digest by itself.
        asked = () if self.name == "docker" else ("--digestfile", "/dev/stdout")
        done = self.run((*self._argv("push", host=host), *asked, reference))
        deed = Deed(
            doing=f"push '{reference}' by {self.name}",
            host=host,
            repository=repository,
            action="ecr:PutImage",
        )
        self._checked(done, deed)
        found = _PUSHED.search(done.stdout)
        return found.group(1) if found else None

    def _argv(self, verb: str, *, host: str) -> tuple[str, ...]:
        """The tool's own words before what the verb is about."""
        if self.name == "docker":
            return ("docker", *(("--config", self.folder) if self.folder else ()), verb)
        plain = ("--tls-verify=false",) if is_loopback(host) else ()
        file = Path(self.folder or "") / "config.json"
        # They refuse to begin where the file is named and missing; a login makes it.
        is_named = bool(self.folder) and (verb == "login" or exists(str(file)))
        return (self.name, verb, *plain, *(("--authfile", str(file)) if is_named else ()))

    def _checked(self, done: Completed, deed: Deed) -> None:
        if done.code != 0:
            raise self._error(deed, trouble_in(f"{done.stderr}\n{done.stdout}"), done)

    def _error(self, deed: Deed, trouble: Trouble, done: Completed) -> StepError:
        if trouble is Trouble.OTHER:
            return StepError(
                f"can't {deed.doing}: {printable(done.said)}",
                exit=Exit.TOOL,
                hint=f"those are {self.name}'s words; run: {self.name} info",
            )
        return refusal(deed, trouble, done.said)


def find_tool(
    wanted: str, *, among: tuple[str, ...], run: Run, folder: str | None = None
) -> Tool | None:
    """Return the tool to use; None for ``none``, and for ``auto`` where none answers.

    Raises:
        StepError: The tool that was asked for by name is not on this machine (exit 6).
    """
    if wanted == "none":
        return None
    if wanted != "auto":
        run((wanted, "--version"))
        return Tool(name=wanted, run=run, folder=folder)
    for name in among:
        if _answers(name, run):
            return Tool(name=name, run=run, folder=folder)
    return None


def no_engine(source: str, *, among: tuple[str, ...]) -> StepError:
    """Return the error for an image of an engine where no engine answers."""
    return StepError(
        f"can't push '{source}': none of {listed(among)} answers on this machine",
        exit=Exit.TOOL,
        hint="start the engine, or push without one: image-push oci-archive:FILE, "
        "oci:DIR or docker-archive:FILE",
    )


def _answers(name: str, run: Run) -> bool:
    # Docker's client is often there without its engine; the others need none.
    asked = (name, "version", "--format", "{{.Server.Version}}") if name == "docker" else ()
    try:
        done = run(asked or (name, "--version"))
    except StepError:
        return False
    return done.code == 0


def _local_image(text: str, name: str) -> LocalImage:
    try:
        answer: Any = json.loads(text)
    except ValueError as error:
        raise StepError(
            f"'{name} inspect' printed no JSON", exit=Exit.TOOL, hint=f"check it: {name} version"
        ) from error
    found = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(found, dict):
        raise StepError(
            f"'{name} inspect' printed no image", exit=Exit.TOOL, hint=f"check it: {name} images"
        )
    image_id = str(found.get("Id") or found.get("FromImageID") or "")
    if _ID.fullmatch(image_id):
        image_id = f"sha256:{image_id}"
    repo_digests = found.get("RepoDigests") or ()
    texts = map(str, (*repo_digests, found.get("Digest"), found.get("FromImageDigest")))
    digests = frozenset(match.group() for each in texts if (match := _DIGEST.search(each)))
    return LocalImage(
        id=image_id,
        digests=digests,
        layers=next((len(each) for each in _layer_lists(found)), None),
        revision=next(filter(None, map(revision_of, _label_sets(found))), ""),
    )


def _layer_lists(found: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield what an engine calls the image's layers; buildah has them where the formats do."""
    for place, key in (("RootFS", "Layers"), ("OCIv1", "rootfs"), ("Docker", "rootfs")):
        inner = found.get(place)
        listed = inner.get(key) if isinstance(inner, dict) else None
        listed = listed.get("diff_ids") if isinstance(listed, dict) else listed
        if isinstance(listed, list):
            yield listed


def _label_sets(found: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the image's labels, in the places where the engines have them."""
    for holder in (found, found.get("OCIv1"), found.get("Docker")):
        for key in ("Config", "config"):
            inner = holder.get(key) if isinstance(holder, dict) else None
            if isinstance(inner, dict):
                yield inner.get("Labels")
