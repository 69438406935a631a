"""The first lines of ecsstep.pyz: unpack once for each build, then run from there.

The AWS SDK reads its data from folders and OpenSSL its certificates from a file, so an archive
can't be run from inside. It is unpacked into the user's cache, whole or not at all; where no cache
can be written, into a temporary folder, for this run alone.
"""

import os
import sys
from pathlib import Path

BUILD = "@BUILD@"


def main() -> int:
    """Run ecsstep with the arguments of this process."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    place = Path(cache, "ecsstep", BUILD)
    if not place.is_dir():
        place = unpacked(Path(sys.path[0]), place)
    sys.path[0] = str(place)
    from ecsstep.cli import main as ecsstep

    return ecsstep()


def unpacked(archive: Path, place: Path) -> Path:
    """Return the folder with the archive's content."""
    import atexit
    import shutil
    import tempfile
    import zipfile

    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=place.parent))
    except OSError:
        place = folder = Path(tempfile.mkdtemp(prefix="ecsstep-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    try:
        folder.rename(place)
    except OSError:
        # Somebody else was faster.
        shutil.rmtree(folder, ignore_errors=True)
        if not place.is_dir():
            raise
    return place


if __name__ == "__main__":
    sys.exit(main())
