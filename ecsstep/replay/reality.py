"""What answers in a live run: everything is real but the step's own files."""

from collections.abc import Callable, Collection
from pathlib import PurePath

from ecsstep.core.outside import Answer, Outside, Question
from ecsstep.errors import Exit, StepError
from ecsstep.replay.answers import Answers
from ecsstep.replay.disk import Disk
from ecsstep.rules.record.origin import placeholders
from ecsstep.rules.record.value import Record

_READS = frozenset({"read", "exists", "is_file"})


def is_of_the_step(path: str, named: Collection[str]) -> bool:
    """Whether a file is the step's own, and not the machine's, such as a login.

    Args:
        path: The file.
        named: The words of the command line that may name a file.
    """
    return not PurePath(path).is_absolute() or path in named


class Reality(Outside):
    """Asks AWS, registries and container tools for real.

    The files that the step's options name come from the record and are written to memory; what
    belongs to the machine, such as the container tools' logins, is the machine's own.

    Args:
        record: The record.
        disk: The step's files.
        named: The words that may name a file of the step.
        own: Those of them that were given just now; such a file is read here.
        machine: Files and folders that are the machine's, by whatever name.
    """

    is_kept = True  # so that each call is shown before it is sent

    def __init__(
        self,
        record: Record,
        disk: Disk,
        *,
        named: Collection[str],
        own: Collection[str],
        machine: Collection[str] = (),
    ) -> None:
        self._then = Answers(record, disk)
        self._disk = disk
        self._named = frozenset(named)
        self._own = frozenset(own)
        self._machine = tuple(PurePath(each) for each in machine)
        self._placeholders = frozenset(each.placeholder for each in record.redactions)

    def ask(self, kind: str, question: Question, live: Callable[[], Answer]) -> Answer:
        """Return a real answer; for a file of the step the recorded one."""
        if kind == "file" and self._is_of_the_step(str(question["path"])):
            return self._file(question, live)
        if kind == "stdin" and question["do"] in {"read", "bytes"}:
            return self._then.ask(kind, question, live)
        if kind in {"http", "run"}:
            self._check(question)
        return live()

    def recorded(self, kind: str, question: Question) -> None:
        """See what is about to be sent; it is answered for real.

        Raises:
            StepError: It holds what only stands for a secret (exit 2).
        """
        if kind == "aws":
            self._check(question)

    def wrote(self, path: str, content: bytes) -> None:
        """Keep what the step would write."""
        if self._is_of_the_step(path):
            self._disk.wrote(path, content)

    def _is_of_the_step(self, path: str) -> bool:
        is_machines = any(PurePath(path).is_relative_to(each) for each in self._machine)
        return is_of_the_step(path, self._named) and not is_machines

    def _file(self, question: Question, live: Callable[[], Answer]) -> Answer:
        do, path = str(question["do"]), str(question["path"])
        if do in _READS:
            if path in self._own and path not in self._disk.written:
                return live()
            return self._then.ask("file", question, live)
        return {"is": False, "size": 0}

    def _check(self, question: Question) -> None:
        found = placeholders(self._placeholders, repr(question))
        if found:
            raise StepError(
                f"the step would send '{found[0]}', which only stands for a secret",
                exit=Exit.USAGE,
                hint="ecsstep replay FILE --show-redactions tells what it was; give the real one "
                "by --option or --file",
            )
