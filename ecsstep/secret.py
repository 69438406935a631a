"""A value that must not be seen."""

_HIDDEN = "***"
_SHORTEST_SCRUBBED = 6

_known: set[str] = set()


class Secret:
    """A string that prints as ``***``; :meth:`reveal` is the only way to its value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        _known.update(_spellings(value))

    def reveal(self) -> str:
        """Return the value, for handing it to a program's stdin or a request's header."""
        return self._value

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return _HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")


def scrubbed(text: str) -> str:
    """Return ``text`` with every secret of this process replaced.

    The second line of defence: a container tool may print a password that it was given.
    Secrets of fewer than six characters are left, since replacing them would garble any text.
    """
    # The longest first: what is left of a secret whose beginning is a secret too would show.
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, _HIDDEN)
    return text


def known() -> frozenset[str]:
    """Return every secret of this process, as :func:`scrubbed` knows them."""
    return frozenset(_known)


def _spellings(value: str) -> set[str]:
    """Return how a value may stand in a text: whole, by line, as JSON or Python escapes it."""
    import json

    plain = {value, *(line.strip() for line in value.splitlines())}
    escaped = {
        json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        for text in plain
        for ascii_only in (False, True)
    }
    raw = {each.encode(errors="surrogatepass") for each in plain}
    shown = {*(repr(each)[1:-1] for each in plain), *(repr(each)[2:-1] for each in raw)}
    return {text for text in plain | escaped | shown if len(text) >= _SHORTEST_SCRUBBED}
