"""CodePipeline's files that hand an image on, merged or written whole."""

from collections.abc import Mapping
from itertools import combinations

from ecsstep.core.documents import parse_document
from ecsstep.core.files import check_writable, exists, is_same, locked, read_text, write_whole
from ecsstep.errors import Exit, StepError
from ecsstep.rules import definitions
from ecsstep.value import Value


class Handoff(Value):
    """The files of one push.

    Attributes:
        container: The container's name, for the definitions.
        definitions: The path of ``imagedefinitions.json``, if it is wanted.
        image_detail: The path of ``imageDetail.json``, if it is wanted.
        others: What else is written at the end, by its option.
    """

    container: str | None = None
    definitions: str | None = None
    image_detail: str | None = None
    others: Mapping[str, str | None] = {}

    def check(self) -> None:
        """Find out before the push whether the files can be written.

        Raises:
            StepError: One of them can't, or holds something else already, or two of them are one
                (exit 2).
        """
        self._check_apart()
        for path in (self.definitions, self.image_detail):
            if path:
                check_writable(path)
        if self.definitions:
            self._merged(self.definitions, "")

    def _check_apart(self) -> None:
        named = {"--definitions": self.definitions, "--image-detail": self.image_detail}
        given = [(option, path) for option, path in {**named, **self.others}.items() if path]
        for (option, path), (other, second) in combinations(given, 2):
            if is_same(path, second):
                raise StepError(
                    f"'{path}' and '{second}' are one file, for {option} and for {other}",
                    exit=Exit.USAGE,
                    hint="give each of them a file of its own",
                )

    def write(self, reference: str) -> None:
        """Hand an image on; pushes at the same time keep each other's entries.

        Raises:
            StepError: A file can't be written (exit 2); it is unchanged.
        """
        if self.definitions:
            with locked(self.definitions):
                write_whole(self.definitions, self._merged(self.definitions, reference))
        if self.image_detail:
            write_whole(self.image_detail, definitions.image_detail(reference))

    def _merged(self, path: str, reference: str) -> str:
        current = parse_document(read_text(path), name=path).value if exists(path) else []
        try:
            found = definitions.merged(current, container=str(self.container), image=reference)
        except ValueError as error:
            raise StepError(
                f"'{path}' {error}", exit=Exit.USAGE, hint=f"repair '{path}' or remove it"
            ) from error
        return definitions.rendered(found)
