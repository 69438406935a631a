"""Whether there are credentials, noted and given again; their values are neither."""

from typing import Any

from ecsstep.aws.taped_errors import described, raised
from ecsstep.core.outside import Answer, current


def identify(session: Any) -> None:
    """Note whether there are credentials; a replay has the same, good for nothing."""
    real = session.get_component("credential_provider") if current().is_kept else None

    class Resolver:
        def load_credentials(self) -> Any:
            return loaded(real)

    session.register_component("credential_provider", Resolver())


def loaded(real: Any) -> Any:
    """Return the credentials that the chain finds, or what stands for them in a replay."""
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError

    found: list[Any] = []

    def live() -> Answer:
        try:
            found.append(real.load_credentials())
        except BotoCoreError as error:
            found.append(error)
            return {"broken": described(error)}
        return {"method": getattr(found[0], "method", None)}

    answer = current().ask("identity", {"do": "load"}, live)
    if "broken" in answer:
        raise found[0] if found else raised(answer["broken"])
    if answer.get("method") is None:
        return None
    return watched(found[0] if found else Credentials("replay", "replay", method="replay"))


def watched(credentials: Any) -> Any:
    """Note where credentials can't be fetched when a call is signed, which is before it is sent."""
    from botocore.exceptions import BotoCoreError

    fetch = credentials.get_frozen_credentials

    def fetched() -> Any:
        began = current().now()
        then = current().recorded("identity", {"do": "fetch"})
        if then is not None:
            raise raised(then.get("broken", {}))
        try:
            return fetch()
        except BotoCoreError as error:
            answer = {"broken": described(error)}
            current().note("identity", {"do": "fetch"}, answer, began=began)
            raise

    credentials.get_frozen_credentials = fetched
    return credentials
