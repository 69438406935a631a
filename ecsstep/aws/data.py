"""botocore's data files: service models, endpoints, retries."""

import functools
from pathlib import Path
from typing import Any


@functools.cache
def loader() -> Any:
    """Return what reads botocore's data files: one for the process, so that each is parsed once.

    botocore looks into the folders of all its four hundred services before it loads one of them,
    which takes longer than the rest of making a client. Here the folders' names must do; one that
    lacks what is asked for is a DataNotFoundError all the same.
    """
    from botocore.loaders import Loader

    class NamesOnly(Loader):  # type: ignore[misc, unused-ignore]
        def list_available_services(self, type_name: str) -> list[str]:
            del type_name
            places = [Path(path) for path in self.search_paths]
            return sorted({each.name for at in places if at.is_dir() for each in at.iterdir()})

    return NamesOnly()
