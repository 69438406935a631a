"""The environment of a command that is to meet the emulated AWS and no other."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from ecsstep.sandbox.slack import PATH

ACCOUNT = "123456789012"
"""The account that the sandbox is."""

_REGION = "ap-northeast-1"
_INTERVAL = 5.0
_SHORTEST_INTERVAL = 0.1
# The defaults of scan-gate.
_SETTLE = 180.0
_GRACE = 300.0
# What a user gives on purpose: assuming a role is something to try in the sandbox.
_KEPT = frozenset({"AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"})
# Where the steps would log in or push, and with what: another registry than the sandbox's, its
# users and passwords. How a step works (what it waits for, what it lets pass) stays as it is.
_ELSEWHERE = frozenset(
    {
        "DOCKER_AUTH_CONFIG", "DOCKER_PASSWORD", "DOCKER_USER", "ECSSTEP_ACCOUNT",
        "ECSSTEP_DOCKER_CONFIG", "ECSSTEP_PUBLIC", "ECSSTEP_REGION", "ECSSTEP_REGISTRY",
    }
)  # fmt: skip
_ELSEWHERE_BEGINS = ("DOCKERHUB_", "ECSSTEP_DOCKER_HUB_")
# What the user's docker needs to find its engine and its plugins.
_LINKED = ("contexts", "cli-plugins", "buildx")


def region_of(given: Mapping[str, str]) -> str:
    """Return the region that an environment names, or the sandbox's own."""
    names = ("ECSSTEP_REGION", "AWS_DEFAULT_REGION", "AWS_REGION")
    return next(filter(None, map(given.get, names)), _REGION)


def exports(
    given: Mapping[str, str], *, host: str, region: str, speed: float, folder: Path
) -> dict[str, str]:
    """Return ``given`` with everything replaced that says where AWS and the registries are.

    What is to be tried on purpose is set within the sandbox: ``-- env DOCKERHUB_USER=… ecr-login``.

    Args:
        given: The environment to start from.
        host: Host and port of the sandbox.
        region: Its region.
        speed: Sandbox seconds in a second.
        folder: A private folder, for docker's configuration.
    """
    kept = {name: value for name, value in given.items() if _stays(name)}
    docker = _docker_config(kept, folder)
    direct = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1"]))
    interval = max(_INTERVAL / speed, _SHORTEST_INTERVAL)
    return {
        **kept,
        "AWS_ENDPOINT_URL": f"http://{host}",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_ACCOUNT_ID": ACCOUNT,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_PAGER": "",
        "ECR_REGISTRY": host,
        "ECSSTEP_SLACK_WEBHOOK": f"http://{host}{PATH}",
        "SLACK_WEBHOOK_URL": f"http://{host}{PATH}",
        "DOCKER_CONFIG": str(docker),
        "REGISTRY_AUTH_FILE": str(docker / "config.json"),
        "NO_PROXY": direct,
        "no_proxy": direct,
        "ECSSTEP_INTERVAL": kept.get("ECSSTEP_INTERVAL") or f"{round(interval * 1000)}ms",
        "ECSSTEP_SETTLE": kept.get("ECSSTEP_SETTLE") or _scaled(_SETTLE, speed),
        "ECSSTEP_GRACE": kept.get("ECSSTEP_GRACE") or _scaled(_GRACE, speed),
        "ECSSTEP_SANDBOX": "1",
    }


def _stays(name: str) -> bool:
    if name in _ELSEWHERE or name.startswith(_ELSEWHERE_BEGINS):
        return False
    return not name.startswith("AWS_") or name in _KEPT


def _scaled(seconds: float, speed: float) -> str:
    return f"{max(1, round(seconds / speed * 1000))}ms"


def _docker_config(given: Mapping[str, str], folder: Path) -> Path:
    """Return a folder without the user's logins, but with the way to the user's engine."""
    usual = Path(given.get("DOCKER_CONFIG") or Path(given.get("HOME") or "/") / ".docker")
    target = folder / "docker"
    target.mkdir(exist_ok=True)
    config: dict[str, object] = {"auths": {}}
    with contextlib.suppress(OSError, ValueError):
        theirs = json.loads((usual / "config.json").read_text(encoding="utf-8"))
        names = ("currentContext", "cliPluginsExtraDirs")
        config |= {name: theirs[name] for name in names if name in theirs}
    for name in _LINKED:
        if (usual / name).is_dir() and not (target / name).exists():
            (target / name).symlink_to(usual / name)
    file = target / "config.json"
    if not file.exists():
        file.write_text(json.dumps(config), encoding="utf-8")
        file.chmod(0o600)
    return target
