"""wait-stable on 1, 10, 100 and 500 services in one call."""

import datetime as dt
import json
import math
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from measuring import MEGABYTE, Figure, measured, sandbox

COUNTS = (1, 10, 100, 500)
GOAL = 3.0
_WAIT, _INTERVAL = 16, 2
_APART = dt.timedelta(seconds=0.8)
_TIMEOUT = 124
# What a look asks; the rest is asked once, at the end.
_LOOKED = frozenset({"DescribeServices", "DescribeServiceDeployments"})


def figure(rounds: int) -> Figure:
    """Wait for rollouts that take longer than the wait, so that every look sees them all."""
    del rounds
    lines = [
        "| services | calls a look | all calls | processor | peak memory |", "|---|---|---|---|---|"
    ]  # fmt: skip
    over = 0.0
    with tempfile.TemporaryDirectory() as work:
        for count in COUNTS:
            log = Path(work) / f"log-{count}"
            with sandbox("--scenario", "slow-start", "--log", str(log)) as environ:
                # Apart: a program's peak of memory begins with that of its parent.
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                    names = apart.submit(services, environ, count).result()
                before = len(log.read_text(encoding="utf-8").splitlines())
                argv = ["wait-stable", "--cluster", "demo", "--timeout", f"{_WAIT}s"]
                argv += ["--interval", f"{_INTERVAL}s"]
                argv += [word for name in names for word in ("--service", name)]
                cost = measured(argv, environ=environ, codes=(_TIMEOUT,))
            calls = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
            looks = _looks(calls[before:])
            over = max(over, looks - math.ceil(count / 10))
            lines.append(
                f"| {count} | {looks:.0f} | {len(calls) - before} | {cost.processor:.2f} s | "
                f"{cost.memory / MEGABYTE:.0f} MB |"
            )
    return Figure(
        title="Waiting for many services in one call",
        lines=[*lines, "", f"A wait of {_WAIT} s with a look every {_INTERVAL} s, to its timeout."],
        values={"many: calls a look, more than services/10": over},
        goals={"many: calls a look, more than services/10": GOAL},
    )


def services(environ: Mapping[str, str], count: int) -> list[str]:
    """Create services, deploy to them and return their names."""
    import botocore.session

    client: Any = botocore.session.Session().create_client(
        "ecs", region_name=environ["AWS_DEFAULT_REGION"], endpoint_url=environ["AWS_ENDPOINT_URL"],
        aws_access_key_id="sandbox", aws_secret_access_key="sandbox",  # noqa: S106 - a sandbox
    )  # fmt: skip
    network = {"awsvpcConfiguration": {"subnets": ["subnet-0a"]}}
    names = [f"service-{number}" for number in range(count)]
    for name in names:
        client.create_service(
            cluster="demo", serviceName=name, taskDefinition="web", desiredCount=1,
            launchType="FARGATE", networkConfiguration=network,
        )  # fmt: skip
    for name in names:
        client.update_service(cluster="demo", service=name, forceNewDeployment=True)
    return names


def _looks(calls: list[dict[str, Any]]) -> float:
    """Return how many calls a look makes, by the pauses between the looks."""
    number, last = 0, None
    looks: Counter[int] = Counter()
    for call in calls:
        at = dt.datetime.fromisoformat(call["time"])
        if last is not None and at - last > _APART:
            number += 1
        last = at
        if call["operation"] in _LOOKED:
            looks[number] += 1
    # The first look finds out more, the last one gathers the reasons.
    between = [looks[at] for at in range(1, number)]
    return float(median(between or looks.values()))
