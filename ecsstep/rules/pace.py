"""How often to look: kind to the API, and to whoever waits."""

from ecsstep.value import Value

_PATIENT = 12  # looks without a change until they become rarer
_RARE, _RAREST = 2, 3
_MOST_THROTTLED = 4


class Pace(Value):
    """The time between two looks.

    It is what was asked for, longer while nothing changes (twice as long after twelve looks, three
    times as long after thirty-six) and after a look that went wrong (twice as long for each in a
    row, sixteen times at most).

    Attributes:
        every: The time that was asked for, in seconds.
        unchanged: Looks in a row that showed nothing new.
        broken: Looks in a row that went wrong.
    """

    every: float
    unchanged: int = 0
    broken: int = 0

    @property
    def seconds(self) -> float:
        """How long to wait until the next look."""
        patience = 1
        if self.unchanged >= _PATIENT * _RAREST:
            patience = _RAREST
        elif self.unchanged >= _PATIENT:
            patience = _RARE
        trouble: float = 2.0 ** min(self.broken, _MOST_THROTTLED)
        return self.every * max(patience, trouble)

    def after_a_look(self, *, changed: bool) -> "Pace":
        """Return the pace after a look that went well."""
        return self.replaced(unchanged=0 if changed else self.unchanged + 1, broken=0)

    def after_trouble(self) -> "Pace":
        """Return the pace after a look that went wrong."""
        return self.replaced(broken=self.broken + 1)
