"""One thing that an answer tells."""

from ecsstep.value import Value


class Fact(Value):
    """What an answer says of one thing.

    Attributes:
        subject: Of what; the same thing in a later answer has the same one.
        says: What is said of it, in one line.
        is_strong: Whether somebody who looks for a failure wants to see it first.
        is_event: Whether it is one of many that pile up, of which only new ones matter.
    """

    subject: str
    says: str
    is_strong: bool = False
    is_event: bool = False

    def __str__(self) -> str:
        """Return it in one line."""
        return ": ".join(part for part in (self.subject, self.says) if part)
