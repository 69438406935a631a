"""Who we are to AWS, where it is a role."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.aws import keys
from ecsstep.aws.errors import no_credentials, translated
from ecsstep.core.files import read_bytes
from ecsstep.core.outside import current
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret


def token_from_file(role_arn: str, environ: Mapping[str, str]) -> Secret | None:
    """Return the OIDC token in the file that AWS_WEB_IDENTITY_TOKEN_FILE names for this role.

    Raises:
        StepError: The file can't be read (exit 2).
    """
    path = environ.get("AWS_WEB_IDENTITY_TOKEN_FILE")
    if not path or role_arn != (environ.get("AWS_ROLE_ARN") or role_arn):
        # The file's token is for the role beside it, which another role is assumed from.
        return None
    try:
        return Secret(read_bytes(path).decode().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(
            f"can't read the token file '{path}': {_reason(error)}",
            exit=Exit.USAGE,
            hint="check AWS_WEB_IDENTITY_TOKEN_FILE, or give the token in ECSSTEP_ID_TOKEN",
        ) from error


def assume(
    session: Any,
    role_arn: str,
    token: Secret | None,
    *,
    config: Any,
    environ: Mapping[str, str],
) -> None:
    """Let the session's credentials come from the role, in this process and on first use."""
    from botocore import UNSIGNED, credentials

    session_name = environ.get("AWS_ROLE_SESSION_NAME") or "ecsstep"
    verb = "AssumeRole" if token is None else "AssumeRoleWithWebIdentity"
    # Not session.get_credentials(), which would keep this identity for every later client.
    chain = session.get_component("credential_provider")
    base = chain.load_credentials() if token is None else None

    def client(service: str, **arguments: Any) -> Any:
        signature = {"signature_version": UNSIGNED} if token is not None else {}
        wanted = config.merge(type(config)(**signature))
        arguments.pop("config", None)
        return session.create_client(service, config=wanted, **arguments)

    if token is not None:
        fetcher: Any = credentials.AssumeRoleWithWebIdentityCredentialFetcher(
            client_creator=client,
            web_identity_token_loader=token.reveal,
            role_arn=role_arn,
            extra_args={"RoleSessionName": session_name},
        )
    elif base is None:
        raise no_credentials(f"assume the role '{role_arn}'")
    else:
        fetcher = credentials.AssumeRoleCredentialFetcher(
            client_creator=client,
            source_credentials=base,
            role_arn=role_arn,
            extra_args={"RoleSessionName": session_name},
        )

    class Provider(credentials.CredentialProvider):  # type: ignore[misc, unused-ignore]
        METHOD = "ecsstep-role"

        def load(self) -> Any:
            return credentials.DeferredRefreshableCredentials(
                refresh_using=self._fetched, method=self.METHOD, time_fetcher=_now
            )

        def _fetched(self) -> Any:
            # The call is made within another one, whose action is not the one to allow.
            with translated(f"assume the role '{role_arn}'", action=f"sts:{verb}"):
                fetched = fetcher.fetch_credentials()
            keys.hide(fetched["secret_key"], fetched["token"])
            return fetched

    session.register_component("credential_provider", credentials.CredentialResolver([Provider()]))


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "it is not UTF-8 text"


def _now() -> dt.datetime:
    """Return the time by which credentials end; in a replay it is that of the record."""
    return current().time() or dt.datetime.now(dt.UTC)
