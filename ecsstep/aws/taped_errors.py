"""botocore's errors in JSON's types, and made again from them."""

from collections.abc import Mapping
from typing import Any


def described(error: Exception) -> dict[str, Any]:
    """Return an error of botocore in JSON's types."""
    more = {name: str(value) for name, value in getattr(error, "kwargs", {}).items()}
    return {"type": type(error).__name__, "said": str(error), "with": more}


def raised(found: Mapping[str, Any]) -> Exception:
    """Return the error that was described; nothing but botocore's own errors is made."""
    from botocore import exceptions

    kind = getattr(exceptions, str(found.get("type", "")), None)
    more = found.get("with", {})
    if not (isinstance(kind, type) and issubclass(kind, exceptions.BotoCoreError)):
        return exceptions.HTTPClientError(error=found.get("said", ""))
    try:
        made: Exception = kind(**{str(name): str(value) for name, value in more.items()})
    except (TypeError, KeyError):
        return exceptions.HTTPClientError(error=found.get("said", ""))
    return made
