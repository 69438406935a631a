"""The headers of a tar archive, of which not every length is believed."""

import tarfile

_MOST_HEADER_BYTES = 16 * 1024 * 1024
_READ_WHOLE = frozenset(
    {
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    }
)


def bounded() -> type[tarfile.TarInfo]:
    """Return a reader of headers that doesn't take in more than a bounded number of bytes.

    The headers of long names and of pax are read whole, however long they say that they are.
    """
    left = _MOST_HEADER_BYTES

    class Bounded(tarfile.TarInfo):
        def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
            nonlocal left
            if self.type in _READ_WHOLE:
                left -= abs(self.size)
                if left < 0:
                    raise tarfile.ReadError(f"more than {_MOST_HEADER_BYTES} bytes of headers")
            return super()._proc_member(archive)  # type: ignore[misc,no-any-return]

    return Bounded
