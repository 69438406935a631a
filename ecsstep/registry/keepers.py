"""Who keeps a login: a container tool, a credential helper, or the auth file itself."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Protocol

from ecsstep.core.files import locked
from ecsstep.core.log import Log
from ecsstep.core.process import Run
from ecsstep.errors import Exit, StepError
from ecsstep.registry import auth
from ecsstep.registry.auth import Credentials
from ecsstep.registry.tools import Tool
from ecsstep.rules.registries import auth_key, helper_for, host_helper
from ecsstep.secret import Secret
from ecsstep.text import printable
from ecsstep.value import Value


class Keeper(Protocol):
    """Keeps logins for those who pull and push."""

    @property
    def place(self) -> Mapping[str, str]:
        """Where a login goes, for the result."""
        ...

    def check(self) -> None:
        """Find out before any call whether it could keep one."""
        ...

    def warn(self, host: str) -> None:
        """Say what will hide a login at this host from those who need it."""
        ...

    def add(self, host: str, credentials: Credentials) -> str:
        """Keep a login and return who has it."""
        ...

    def remove(self, host: str) -> str:
        """Forget a login and return who had it."""
        ...


class ToolKeeper(Value):
    """docker or podman. Neither locks its file: we do, for the sake of our own neighbours.

    Attributes:
        tool: The tool.
        path: Docker's auth file.
        log: Where it warns.
    """

    tool: Tool
    path: str
    log: Log

    @property
    def place(self) -> Mapping[str, str]:
        """The tool's name."""
        return {"tool": self.tool.name}

    def check(self) -> None:
        """Leave it to the tool."""

    def warn(self, host: str) -> None:
        """Say so where a helper is set for this host alone; a store takes what the tool gives."""
        helper = host_helper(auth.lenient(self.path), host)
        if helper:
            self.log.warning(_SHADOW, host=host, helper=helper, hint=_way_out(host, self.path))

    def add(self, host: str, credentials: Credentials) -> str:
        """Log in and return the tool's name.

        Raises:
            StepError: The registry refuses (exit 5), can't be reached (75), or the tool fails (6).
        """
        try:
            with _in_turn(self.path):
                self.tool.login(host, credentials)
        except StepError as error:
            helper = helper_for(auth.lenient(self.path), host)
            if error.exit is not Exit.TOOL or not helper:
                raise
            raise StepError(
                error.message,
                exit=error.exit,
                hint=f"if its credential helper '{helper}' takes no logins: "
                + _way_out(host, self.path),
            ) from error
        return self.tool.name

    def remove(self, host: str) -> str:
        """Log out and return the tool's name.

        Raises:
            StepError: The tool fails (exit 6).
        """
        with _in_turn(self.path):
            self.tool.logout(host)
        return self.tool.name


class FileKeeper(Value):
    """The auth files, and the credential helpers that they name.

    Attributes:
        paths: The files that get every login; the first one is the user's own.
        stale: Files of podman that are looked into before those: an old login there would win.
        run: Starts helpers.
        log: Where it warns.
    """

    paths: tuple[str, ...]
    stale: tuple[str, ...] = ()
    run: Run
    log: Log

    @property
    def place(self) -> Mapping[str, str]:
        """The user's own file."""
        return {"file": self.paths[0]}

    def check(self) -> None:
        """Find out whether the files could be written.

        Raises:
            StepError: One of them could not (exit 2).
        """
        for path in self.paths:
            auth.check(path)

    def warn(self, host: str) -> None:
        """Say nothing: only the helper itself knows whether it will take the login."""

    def add(self, host: str, credentials: Credentials) -> str:
        """Put a login where it will be found and return that place.

        Raises:
            StepError: A file is no auth file, or can't be written (exit 2).
        """
        holding = [path for path in self.stale if auth.holds(path, host)]
        by = [self._added(path, host, credentials) for path in _once(*self.paths, *holding)]
        return by[0]

    def remove(self, host: str) -> str:
        """Take a login out of the helpers and the files and return the place of the first.

        Raises:
            StepError: A file is no auth file, or can't be written (exit 2).
        """
        by = []
        holding = [path for path in self.stale if auth.holds(path, host)]
        for path in _once(*self.paths, *holding):
            helper = helper_for(auth.lenient(path), host)
            auth.remove(path, host)
            is_erased = helper and self._asked(helper, "erase", auth_key(host)) is None
            by.append(f"docker-credential-{helper}" if is_erased else path)
        return by[0]

    def _added(self, path: str, host: str, credentials: Credentials) -> str:
        """Put a login where those who read this file look for it, and return that place."""
        helper = helper_for(auth.read(path), host)
        if helper:
            why = self._stored(helper, host, credentials)
            if why is None:
                return f"docker-credential-{helper}"
            self.log.warning(
                _SHADOW, host=host, helper=helper, why=(why,), hint=_way_out(host, path)
            )
        auth.add(path, host, credentials)
        return path

    def _stored(self, helper: str, host: str, credentials: Credentials) -> str | None:
        """Give a login to a helper and return why it doesn't take it, or None."""
        said = {
            "ServerURL": auth_key(host),
            "Username": credentials.user,
            "Secret": credentials.password.reveal(),
        }
        return self._asked(helper, "store", Secret(json.dumps(said)))

    def _asked(self, helper: str, verb: str, stdin: Secret | str) -> str | None:
        try:
            done = self.run((f"docker-credential-{helper}", verb), stdin=stdin)
        except StepError as error:
            return error.message
        return None if done.code == 0 else printable(done.said)


def _once(*paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths))


@contextlib.contextmanager
def _in_turn(path: str) -> Iterator[None]:
    """Hold the lock of docker's file; podman may well work where that can't be locked."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(StepError):
            stack.enter_context(locked(path))
        yield


_SHADOW = "a credential helper answers for this host instead of the login"


def _way_out(host: str, path: str) -> str:
    return (
        f"take '{auth_key(host)}' out of credHelpers and credsStore in '{path}', "
        "or give a folder of your own: --docker-config DIR"
    )
