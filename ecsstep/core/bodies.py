"""The bodies of answers, each kept once, and small when there are many."""

_PLAIN_BYTES = 1024 * 1024
_LEVEL = 1


class Body:
    """One body, plain or compressed.

    Attributes:
        uses: How many answers have it.
    """

    __slots__ = ("_packed", "_raw", "uses")

    def __init__(self, raw: bytes) -> None:
        self._raw: bytes | None = raw
        self._packed = b""
        self.uses = 0

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        if self._raw is not None:
            return self._raw
        import zlib

        return zlib.decompress(self._packed)

    @property
    def weight(self) -> int:
        """How many bytes it takes here."""
        return len(self._packed if self._raw is None else self._raw)

    def pack(self) -> None:
        """Make it small."""
        import zlib

        self._packed, self._raw = zlib.compress(self.raw, _LEVEL), None


class Bodies:
    """Keeps bodies. Nothing is compressed, nor hashed, before there is a megabyte of them.

    Attributes:
        weight: How many bytes all of them take.
    """

    def __init__(self) -> None:
        self._plain: dict[bytes, Body] = {}
        self._packed: dict[bytes, Body] = {}
        self._plain_bytes = 0
        self.weight = 0

    def kept(self, raw: bytes) -> Body:
        """Return the body with these bytes."""
        found = self._plain.get(raw)
        if found is None and self._packed:
            found = self._packed.get(_digest(raw))
        if found is None:
            found = self._plain[raw] = Body(raw)
            self._plain_bytes += len(raw)
            self.weight += len(raw)
            if self._plain_bytes > _PLAIN_BYTES:
                self._pack()
        found.uses += 1
        return found

    def drop(self, body: Body) -> None:
        """Let go of one use of a body."""
        body.uses -= 1
        if body.uses:
            return
        raw = body.raw
        if self._plain.pop(raw, None) is None:
            self._packed.pop(_digest(raw), None)
        else:
            self._plain_bytes -= len(raw)
        self.weight -= body.weight

    def _pack(self) -> None:
        for raw, body in self._plain.items():
            self._packed[_digest(raw)] = body
            self.weight -= len(raw)
            body.pack()
            self.weight += body.weight
        self._plain.clear()
        self._plain_bytes = 0


def _digest(raw: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(raw).digest()
