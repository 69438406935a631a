"""Where a scanned image is, so that the commands in hints work as they are pasted."""

from ecsstep.value import Value


class Place(Value):
    """Where an image is.

    Attributes:
        repository: Its repository.
        digest: Its digest; empty where it isn't known yet.
        region: The registry's region.
        account: The registry's account; empty for the caller's own.
    """

    repository: str = "NAME"
    digest: str = ""
    region: str = ""
    account: str = ""

    def call(self, command: str, *words: str) -> str:
        """Return a command of the AWS CLI about the registry."""
        return " ".join(("aws ecr", command, *self._option("--region", self.region), *words))

    def in_repository(self, command: str, *words: str) -> str:
        """Return a command of the AWS CLI about the repository."""
        account = self._option("--registry-id", self.account)
        return self.call(command, *account, "--repository-name", self.repository, *words)

    def of_image(self, command: str, *words: str) -> str:
        """Return a command of the AWS CLI about the image."""
        return self.in_repository(command, "--image-id", f"imageDigest={self.digest}", *words)

    @staticmethod
    def _option(name: str, value: str) -> tuple[str, ...]:
        return (name, value) if value else ()
