"""The input files, with what is wrong in any of them."""

from collections.abc import Mapping
from typing import Any

from ecsstep.core.documents import read_document
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules.changes import Changes, Setting
from ecsstep.rules.model import Shape
from ecsstep.rules.taskdef import Faulty, Model, Source, as_source
from ecsstep.rules.taskfile import images_from, unquoted
from ecsstep.steps.taskdef_render.options import RenderOptions

_MEND = "mend the file or the option that is named"


class InputFiles:
    """The input files, with what is wrong in any of them."""

    def __init__(self, world: World, model: Model) -> None:
        self._stdin = world.stdin
        self._shape = model.request
        self.faults: list[str] = []

    def document(self, path: str, shape: Shape | None = None, *, may_remove: bool = False) -> Any:
        """Return what stands in a file, or None with a fault more."""
        try:
            document = read_document(path, stdin=self._stdin)
        except StepError as error:
            self.faults.append(error.message)
            return None
        value, faults = unquoted(
            document.name, document.value, document.plain, shape, may_remove=may_remove
        )
        self.faults.extend(faults)
        return value

    def source(self, path: str) -> Source:
        """Return the definition in a file; without one there is nothing else to tell."""
        document = self.document(path, self._shape)
        if document is None:
            raise faulty(tuple(self.faults))
        found = as_source("stdin" if path == "-" else path, document)
        if isinstance(found, Faulty):
            raise faulty((*self.faults, *found.faults))
        return found

    def fragment(self, path: str) -> Mapping[str, Any] | None:
        """Return the object in a --merge file."""
        document = self.document(path, self._shape, may_remove=True)
        if document is not None and not isinstance(document, Mapping):
            self.faults.append(f"'{path}' holds no object to merge")
            return None
        return document

    def images(self, path: str) -> tuple[Setting, ...]:
        """Return the images in an imagedefinitions.json."""
        document = self.document(path)
        if document is None:
            return ()
        try:
            return images_from(document, name=path)
        except ValueError as error:
            self.faults.append(str(error))
            return ()


def changes_of(options: RenderOptions, files: InputFiles) -> Changes:
    """Return what the options and their files change."""
    defined = tuple(image for path in options.definitions for image in files.images(path))
    return Changes(
        images=options.images,
        defined=defined,
        environment=options.env,
        secrets=options.secret,
        unset=options.unset,
        merge=files.fragment(options.merge) if options.merge else None,
        merge_name=options.merge or "",
        family=options.family,
        container=options.container,
    )


def faulty(
    faults: tuple[str, ...], *, is_newer: bool = False, has_words: bool = False
) -> StepError:
    """Return the error that tells what is wrong with a task definition."""
    hint = (
        "upgrade ecsstep and botocore: pip install -U ecsstep botocore; or leave the fields out "
        "with --allow-unknown-fields"
        if is_newer
        else f"{_MEND}; taskdef-render --help shows every option"
    )
    if has_words:
        hint = f"{_MEND}; a word that is newer than this version passes with --allow-unknown-fields"
    if len(faults) == 1:
        return StepError(faults[0], exit=Exit.USAGE, hint=hint)
    return StepError(
        f"{len(faults)} mistakes in the task definition", exit=Exit.USAGE, why=faults, hint=hint
    )
