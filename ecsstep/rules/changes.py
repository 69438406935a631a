"""Settings for the containers of a task definition: images, environment, secrets."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsstep.rules.containers import PLACEHOLDER
from ecsstep.text import listed, meant
from ecsstep.value import Value

Definition = dict[str, Any]


class Setting(Value):
    """One value for one container.

    Attributes:
        container: The container's name, or for an image the name of the placeholder that stands
            for it, with its brackets or without; None means the only one.
        name: The variable's name; empty for an image.
        value: The value, taken literally.
    """

    container: str | None = None
    name: str = ""
    value: str = ""


class Changes(Value):
    """What was asked.

    Attributes:
        images: Images by container.
        defined: Images from files; one of ``images`` for the same container beats it.
        of_commit: Images of this commit; one of the others for the same container beats it.
        environment: Variables to set.
        secrets: Variables whose value ECS reads from Secrets Manager or Parameter Store.
        unset: Variables to take out of both.
        merge: A fragment of a task definition to lay over the source, before the others.
        merge_name: How the user named its file.
        family: Another family.
        container: The container that a setting without a name means.
    """

    images: tuple[Setting, ...] = ()
    defined: tuple[Setting, ...] = ()
    of_commit: tuple[Setting, ...] = ()
    environment: tuple[Setting, ...] = ()
    secrets: tuple[Setting, ...] = ()
    unset: tuple[Setting, ...] = ()
    merge: Mapping[str, Any] | None = None
    merge_name: str = ""
    family: str | None = None
    container: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is asked of the source."""
        return self == Changes(container=self.container)


class Applied(Value):
    """A changed definition; it counts only where there are no faults.

    Attributes:
        definition: It.
        faults: What of the settings doesn't fit the definition.
        warnings: What the user would want to know.
    """

    definition: Definition
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


def applied(definition: Definition, changes: Changes) -> Applied:
    """Return the definition with the settings laid over it; ``merge`` is not looked at."""
    changing = _Changing(definition, changes)
    changed = changing.result()
    return Applied(
        definition=changed,
        faults=tuple(dict.fromkeys(changing.faults)),
        warnings=tuple(changing.warnings),
    )


class _Changing:
    """Lays the settings over a definition and gathers what is wrong with them."""

    def __init__(self, definition: Definition, changes: Changes) -> None:
        self.faults: list[str] = []
        self.warnings: list[str] = []
        self._given: dict[tuple[str, str], str] = {}
        self._changes = changes
        self._definition = dict(definition)
        self._containers = {
            str(item.get("name")): dict(item) for item in definition["containerDefinitions"]
        }
        self._placeholders = _placeholders(self._containers)

    def result(self) -> Definition:
        """Return the changed definition; it counts only where there are no faults."""
        self._each("--image", self._changes.images, _with_image)
        beaten = frozenset(container for container, _ in self._given)
        self._each("--definitions", self._changes.defined, _with_image, beaten=beaten)
        beaten = frozenset(container for container, _ in self._given)
        self._each("--sidecar", self._changes.of_commit, _with_image, beaten=beaten)
        self._each("--env", self._changes.environment, _with_environment)
        self._each("--secret", self._changes.secrets, _with_secret)
        self._each("--unset", self._changes.unset, self._without_variable)
        if self._changes.family:
            self._definition["family"] = self._changes.family
        self._definition["containerDefinitions"] = list(self._containers.values())
        self.faults.extend(_unfilled(self._containers))
        return self._definition

    def _each(
        self,
        flag: str,
        settings: tuple[Setting, ...],
        change: Callable[[Definition, Setting], Definition],
        *,
        beaten: frozenset[str] = frozenset(),
    ) -> None:
        for setting in settings:
            for name in self._containers_of(flag, setting):
                if name in beaten:
                    continue
                before = self._given.get((name, setting.name))
                if before is not None:
                    self.faults.append(_twice(name, setting, flag, before))
                    continue
                self._given[name, setting.name] = flag
                self._containers[name] = change(self._containers[name], setting)

    def _containers_of(self, flag: str, setting: Setting) -> tuple[str, ...]:
        """Return the containers that a setting is for: several where one placeholder stands."""
        if not setting.name:
            wanted = setting.container or self._changes.container
            if wanted is None and len(self._containers) > 1 and len(self._placeholders) == 1:
                return next(iter(self._placeholders.values()))
            if wanted is not None and wanted not in self._containers:
                filled = self._placeholders.get(_bare(wanted))
                if filled:
                    return filled
        name = self._container_of(flag, setting)
        return () if name is None else (name,)

    def _container_of(self, flag: str, setting: Setting) -> str | None:
        wanted = setting.container or self._changes.container
        if wanted is None and len(self._containers) == 1:
            return next(iter(self._containers))
        if not self._containers:
            return None  # which is a fault of the definition, and told as that
        if wanted is None:
            example = f"{next(iter(self._containers))}{':' if setting.name else '='}…"
            # A file can't be told so.
            way = "" if flag == "--definitions" else f"write {flag} {example} or "
            self.faults.append(
                f"{flag} '{setting.name or setting.value}' names no container and there are "
                f"several: {listed(self._containers)}; {way}give --container"
            )
            return None
        if wanted not in self._containers:
            self.faults.append(self._no_container(wanted))
            return None
        return wanted

    def _no_container(self, name: str) -> str:
        known = [*self._containers, *self._placeholders]
        filled = f", and placeholders {listed(self._placeholders)}" if self._placeholders else ""
        return (
            f"there is no container '{name}' in the task definition; it has "
            f"{listed(self._containers)}{filled}{meant(name, known)}"
        )

    def _without_variable(self, container: Definition, setting: Setting) -> Definition:
        changed = dict(container)
        found = False
        for kind in ("environment", "secrets"):
            items = container.get(kind, [])
            kept = [item for item in items if item.get("name") != setting.name]
            if len(kept) < len(items):
                found = True
                changed = _with_list(changed, kind, kept)
        if not found:
            self.warnings.append(
                f"--unset '{setting.name}': container '{container['name']}' has no such variable"
            )
        return changed


def _placeholders(containers: Mapping[str, Definition]) -> dict[str, tuple[str, ...]]:
    """Return the containers whose image is a placeholder, by the placeholder's name.

    ``<IMAGE1_NAME>`` is how CodePipeline's ``taskdef.json`` has an image
    (https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html).
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, container in containers.items():
        match = PLACEHOLDER.fullmatch(str(container.get("image")))
        if match:
            found[match[1]] = (*found.get(match[1], ()), name)
    return found


def _unfilled(containers: Mapping[str, Definition]) -> Iterator[str]:
    for placeholder, names in _placeholders(containers).items():
        yield (
            f"the image of container {listed(names)} is still the placeholder '<{placeholder}>'; "
            f"fill it: --image {placeholder}=REF"
        )


def _bare(name: str) -> str:
    match = PLACEHOLDER.fullmatch(name)
    return match[1] if match else name


def _twice(container: str, setting: Setting, flag: str, before: str) -> str:
    """A name is given once, by one of the flags."""
    if not setting.name:
        return f"container '{container}' is given two images, the other one is '{setting.value}'"
    if flag == before:
        return f"{flag} gives '{setting.name}' twice for container '{container}'"
    return f"'{setting.name}' is given by {before} and by {flag} for container '{container}'"


def _with_image(container: Definition, setting: Setting) -> Definition:
    return {**container, "image": setting.value}


def _with_environment(container: Definition, setting: Setting) -> Definition:
    moved = _taken_out(container, "secrets", setting.name)
    return _put(moved, "environment", {"name": setting.name, "value": setting.value})


def _with_secret(container: Definition, setting: Setting) -> Definition:
    moved = _taken_out(container, "environment", setting.name)
    return _put(moved, "secrets", {"name": setting.name, "valueFrom": setting.value})


def _put(container: Definition, kind: str, item: dict[str, str]) -> Definition:
    """Return the container with this variable, in the place of all that had its name."""
    items: list[Any] = []
    was_put = False
    for existing in container.get(kind, []):
        if existing.get("name") != item["name"]:
            items.append(existing)
        elif not was_put:
            items.append({**existing, **item})
            was_put = True
    return {**container, kind: items if was_put else [*items, item]}


def _taken_out(container: Definition, kind: str, name: str) -> Definition:
    items = container.get(kind, [])
    kept = [item for item in items if item.get("name") != name]
    return container if len(kept) == len(items) else _with_list(container, kind, kept)


def _with_list(container: Definition, kind: str, items: list[Any]) -> Definition:
    """Return the container with this list; one that became empty goes."""
    if items:
        return {**container, kind: items}
    return {name: value for name, value in container.items() if name != kind}
