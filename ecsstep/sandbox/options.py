"""What ecsstep sandbox can be told."""

import difflib
import re
from collections.abc import Iterator

from ecsstep.core.help import described
from ecsstep.core.options import Given, Option, Options
from ecsstep.sandbox.scenarios import SCENARIOS
from ecsstep.text import meant, printable

PROG = "ecsstep sandbox"
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+", re.ASCII)
# Services that boto3 calls otherwise than IAM does, and actions that look like calls and are none.
_BOTO3 = {"elasticloadbalancing": "elbv2"}
_NO_CALLS = frozenset(
    {
        "kms:reencryptfrom",
        "kms:reencryptto",
        "logs:createlogdelivery",
        "logs:deletelogdelivery",
        "s3:getintelligenttieringconfiguration",
        "s3:listbucket",
        "s3:listmultipartuploadparts",
        "s3:putintelligenttieringconfiguration",
        "slack:postmessage",
        "ssm:registermanagedinstance",
        "sts:taggetwebidentitytoken",
    }
)
_A_SLIP = 0.9
"""How alike an action and a call are where one is a slip of the pen, from 0 to 1."""
_SLOWEST, _FASTEST = 0.01, 100_000.0
_SHORTEST, _LONGEST = 0.01, 86_400.0


def _scenario(text: str) -> str:
    if text not in SCENARIOS:
        raise ValueError(f"there is no scenario '{printable(text)}'{meant(text, SCENARIOS)}")
    return text


def _speed(text: str) -> float:
    return _number(text, _SLOWEST, _FASTEST, "no speed")


def _seconds(text: str) -> float:
    return _number(text, _SHORTEST, _LONGEST, "no number of seconds")


def _number(text: str, least: float, most: float, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not least <= number <= most:
        raise ValueError(
            f"'{printable(text)}' is {what}; write 5 or 0.5, from {least:g} to {most:g}"
        )
    return number


def _action(text: str) -> str:
    if not _ACTION.fullmatch(text):
        raise ValueError(f"'{printable(text)}' is no IAM action; write ecs:DescribeServices")
    if text.lower() in _NO_CALLS:
        return text
    service, _, operation = text.partition(":")
    known = {name.lower(): name for name in _operations(service, text)}
    # IAM has actions that are no call of the API, so that an unknown one may well be right.
    near = difflib.get_close_matches(operation.lower(), list(known), n=1, cutoff=_A_SLIP)
    if near and operation.lower() not in known:
        call = known[near[0]]
        raise ValueError(f"'{text}' is no action of '{service}'; did you mean '{call}'?")
    return text


def _operations(service: str, action: str) -> tuple[str, ...]:
    import botocore.session

    session = botocore.session.Session()
    services = session.get_available_services()
    name = _BOTO3.get(service, service)
    if name not in services:
        raise ValueError(f"'{action}' is of no service of AWS{meant(service, services)}")
    return tuple(session.get_service_model(name).operation_names)


class SandboxOptions(Options):
    """What ecsstep sandbox can be told; by flags alone, since variables are the command's own."""

    scenario: str = Option(
        flag="--scenario",
        help="what happens; --list shows them",
        metavar="NAME",
        variable="",
        parse=_scenario,
        default="steady",
    ).field()
    listed: bool = Option(
        flag="--list", help="list the scenarios and end", variable="", is_switch=True, default=False
    ).field()
    speed: float = Option(
        flag="--speed",
        help="let time run N times as fast",
        metavar="N",
        variable="",
        parse=_speed,
        default="1",
    ).field()
    look: float | None = Option(
        flag="--look",
        help="let SECONDS go by at each look of a step and none in between, so that what happens "
        "doesn't depend on how fast this machine is; for tests",
        metavar="SECONDS",
        variable="",
        parse=_seconds,
    ).field()
    log: str | None = Option(
        flag="--log", help="write one JSON line per request to FILE", metavar="FILE", variable=""
    ).field()
    deny: tuple[str, ...] = Option(
        flag="--deny",
        help="answer that this IAM action (ecs:DescribeServices) is not allowed",
        metavar="ACTION",
        variable="",
        parse=_action,
        repeatable=True,
    ).field()
    policy: tuple[str, ...] = Option(
        flag="--policy",
        help="allow only what this IAM policy allows",
        metavar="FILE",
        variable="",
        repeatable=True,
    ).field()
    command: tuple[str, ...] = Option(
        flag="COMMAND", help="what to run", variable="", is_rest=True, repeatable=True
    ).field()

    @classmethod
    def declared(cls) -> dict[str, Option]:
        """Return its own options; those of every step belong to the command."""
        return {name: each for name, each in cls._options.items() if name not in Options.shared}

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield that there is nothing to run."""
        if not given.has("command"):
            yield "there is no command to run: end with -- COMMAND..."


def help_text(about: str) -> str:
    """Return what ``ecsstep sandbox --help`` prints."""
    options = "\n".join(
        [
            "options:",
            *described(SandboxOptions.declared()),
            "  --help, -h              print this text",
        ]
    )
    return f"usage: {PROG} [option]... -- COMMAND...\n\n{about.strip()}\n\n{options}\n"
