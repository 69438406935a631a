"""One factory for AWS clients: region, role, web identity, retries, timeouts, user agent."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from ecsstep import __version__
from ecsstep.aws import endpoints, keys, taped
from ecsstep.aws.data import loader
from ecsstep.aws.errors import no_region, translated
from ecsstep.aws.identity import assume, token_from_file
from ecsstep.core import identity
from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret
from ecsstep.text import meant, printable

_ATTEMPTS = 8
_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_REFUSAL = 300


class Settings(Protocol):
    """The options that a connection reads."""

    @property
    def region(self) -> str | None: ...  # noqa: D102 - see core.options
    @property
    def role_arn(self) -> str | None: ...  # noqa: D102
    @property
    def id_token(self) -> Secret | None: ...  # noqa: D102


class Aws:
    """A connection to AWS: one identity in one region, and the clients made from it.

    Attributes:
        region: The region in use.
        is_emulated: Whether the endpoint that the environment names is on this machine, so that
            registries on this machine may be ECR's.
    """

    def __init__(self, core: Any, *, region: str, config: Any, is_emulated: bool) -> None:
        import boto3

        self._core = core
        self._session: Any = boto3.Session(botocore_session=core, region_name=region)
        self._config = config
        self.region = region
        self.is_emulated = is_emulated

    def client(self, service: str, *, region: str | None = None, is_hurried: bool = False) -> Any:
        """Return a client of this service, in another region if one is given.

        Args:
            service: AWS's short name of it.
            region: Another region than the one in use.
            is_hurried: Whether it gives up within seconds: the step is being ended.

        Raises:
            StepError: The region is none of AWS's, or the endpoint is no URL (exit 2).
        """
        if region is not None and region != self.region:
            check_region(self._core, region)
        config = self._config.merge(_hurried()) if is_hurried else self._config
        try:
            with translated(f"use {service}", action=f"{service}:*"):
                client = self._session.client(
                    service, region_name=region or self.region, config=config
                )
        except ValueError as error:
            # botocore says so of an endpoint that is no URL.
            raise StepError(
                f"can't use {service}: {printable(error)}", exit=Exit.USAGE, hint=endpoints.HINT
            ) from error
        # One of the AWS configuration file, which botocore takes as it is.
        endpoints.check_url(client.meta.endpoint_url)
        return client


def _hurried() -> Any:
    from botocore.config import Config

    return Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})


def connect(settings: Settings, environ: Mapping[str, str], log: Log, *, fallback: str = "") -> Aws:
    """Return the connection that the options and the standard AWS chain give.

    A role beats static keys in the environment, which would silently win in the chain alone. With
    an OIDC token (GitLab's ``id_tokens``, or the file that AWS_WEB_IDENTITY_TOKEN_FILE names) it
    is assumed by web identity, otherwise by the identity that the chain finds.

    Args:
        settings: The options.
        environ: The environment variables.
        log: Where a warning goes.
        fallback: The region where none is given, for what needs none.

    Raises:
        StepError: There is no region, or it is none of AWS's; an endpoint is no URL (exit 2).
    """
    import botocore.session
    from botocore.config import Config

    endpoints.check(environ)
    _check_forms(settings)
    with translated("read the AWS configuration", action=""):
        session = botocore.session.Session()
        if not session.get_config_variable("data_path"):
            session.register_component("data_loader", loader())
        session.user_agent_extra = f"ecsstep/{__version__}"
        keys.guard(session)
        taped.attach(session)
        session.register("before-parse", _refuse_broken_answer)
        region = settings.region or taped.setting(session, "region") or fallback
        if not region:
            raise no_region()
        check_region(session, region)
        session.set_config_variable("region", region)
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries=_retries(session, environ),
        )
        if settings.id_token and not settings.role_arn:
            log.warning(
                "there is an OIDC token, but no role to assume with it",
                hint="give --role-arn or AWS_ROLE_ARN, or take the token away",
            )
        if settings.role_arn:
            token = settings.id_token or token_from_file(settings.role_arn, environ)
            assume(session, settings.role_arn, token, config=config, environ=environ)
            if token and environ.get("AWS_ACCESS_KEY_ID"):
                log.warning(
                    "AWS_ACCESS_KEY_ID stands in the environment; the role is used instead of it",
                    role=settings.role_arn,
                    hint="remove the static keys from the CI variables",
                )
    return Aws(session, region=region, config=config, is_emulated=endpoints.is_emulated(environ))


def _check_forms(settings: Settings) -> None:
    """Find out whether region and role have their forms: a platform's variables may say them.

    Raises:
        StepError: One has not (exit 2).
    """
    try:
        if settings.region:
            identity.region(settings.region)
        if settings.role_arn:
            identity.role_arn(settings.role_arn)
    except ValueError as error:
        raise StepError(
            str(error),
            exit=Exit.USAGE,
            hint="check --region and --role-arn, AWS_DEFAULT_REGION, AWS_REGION and AWS_ROLE_ARN",
        ) from error


def check_region(session: Any, region: str) -> None:
    """Find out whether a region can exist; one that is newer than botocore can.

    Raises:
        StepError: It can't, with the region that was probably meant (exit 2).
    """
    from botocore.exceptions import UnknownRegionError

    try:
        session.get_partition_for_region(region)
    except UnknownRegionError as error:
        known = [
            name
            for partition in session.get_available_partitions()
            for name in session.get_available_regions("ecs", partition)
        ]
        raise StepError(
            f"'{printable(region)}' is not an AWS region{meant(region, known)}",
            exit=Exit.USAGE,
            hint="check --region, AWS_DEFAULT_REGION and the registry's host name",
        ) from error


def _retries(session: Any, environ: Mapping[str, str]) -> Any:
    """More attempts than botocore makes; its standard mode backs off with jitter.

    The user's own AWS settings win over ours.
    """
    try:
        attempts = taped.setting(session, "max_attempts")
    except ValueError as error:
        said = environ.get("AWS_MAX_ATTEMPTS") or "max_attempts in the AWS configuration"
        raise StepError(
            f"AWS_MAX_ATTEMPTS: '{said}' is not a whole number",
            exit=Exit.USAGE,
            hint="give a number such as 8, or unset it",
        ) from error
    return {"total_max_attempts": attempts or _ATTEMPTS}


def _refuse_broken_answer(**event: Any) -> None:
    """Raise for a good answer that isn't JSON: a proxy's page, or one that was cut short.

    botocore reads it as an answer without any member, which a step would take for "nothing there".
    """
    from botocore.parsers import ResponseParserError

    operation, answered = event["operation_model"], event["response_dict"]
    is_json = operation.service_model.resolved_protocol == "json"
    has_members = operation.output_shape is not None and operation.output_shape.members
    if not is_json or not has_members or answered["status_code"] >= _REFUSAL:
        return
    try:
        answer = json.loads(answered["body"])
    except ValueError as error:
        raise ResponseParserError("the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise ResponseParserError("the answer is no JSON object")
