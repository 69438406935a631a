"""The way to the repositories and the image of one push, with the logins at hand."""

from ecsstep.core.progress import Progress
from ecsstep.core.step import World
from ecsstep.registry.client import Repository
from ecsstep.registry.logins import Tokens, ways
from ecsstep.registry.remote import Remote
from ecsstep.registry.sources import FromEngine, FromSource, Pushable, local_image, opened
from ecsstep.registry.transport import Transport
from ecsstep.rules.image import Reference
from ecsstep.rules.pushes import EngineSource, FileSource, RegistrySource, Source
from ecsstep.value import Value


class Access(Value):
    """What opening something takes.

    Attributes:
        world: Everything outside.
        tokens: ECR's tokens.
        folder: The folder of the auth file, if one was given.
        tool: The engine that was asked for.
        is_plain: Whether events are for people.
    """

    world: World
    tokens: Tokens
    folder: str | None
    tool: str
    is_plain: bool

    def target(self, name: Reference, source: Source) -> Repository:
        """Return the repository to push to; it may also mount from a source beside it."""
        scopes = [f"repository:{name.repository}:pull,push"]
        if isinstance(source, RegistrySource) and source.name.registry == name.registry:
            scopes.append(_pulling(source.name))
        return self._repository(name, *scopes)

    def image(self, source: Source, target: Repository) -> Pushable:
        """Open an engine's image, an image in files, or one in a registry.

        Raises:
            StepError: It isn't there or is broken (exit 2), or no engine answers (exit 6).
        """
        if isinstance(source, EngineSource):
            tool, local = local_image(
                source.image, self.tool, run=self.world.run, folder=self.folder
            )
            name = Reference(registry=target.transport.host, repository=target.name)
            return FromEngine(
                tool=tool,
                image=source.image,
                local=local,
                name=name,
                target=target,
                clock=self.world.clock,
            )
        return FromSource(
            source=opened(source)
            if isinstance(source, FileSource)
            else Remote(self._repository(source.name, _pulling(source.name)), source.name),
            target=target,
            log=self.world.log,
            display=Progress(
                log=self.world.log,
                stream=self.world.stderr,
                clock=self.world.clock,
                is_plain=self.is_plain,
            ),
        )

    def _repository(self, name: Reference, *scopes: str) -> Repository:
        world = self.world
        logins = ways(
            name.registry, self.tokens, environ=world.environ, folder=self.folder, run=world.run
        )
        transport = Transport(
            name.registry, logins=logins, clock=world.clock, environ=world.environ, scopes=scopes
        )
        return Repository(transport=transport, name=name.repository)


def _pulling(name: Reference) -> str:
    return f"repository:{name.repository}:pull"
