"""The same deployments, seen by wait-stable and by the line of the articles' shell.

    python benchmarks/outcomes.py

Runs each scenario of the sandbox twice, once with ``wait-stable`` and once with
``aws ecs wait services-stable``, and prints a table: what happened, and what each of them said by
its exit code. The AWS CLI's own waiter looks every fifteen seconds, at most forty times; here its
loop is written out with the same conditions and the sandbox's pace, so that a run takes seconds.
With ``--waiter`` it is the AWS CLI's waiter itself, in real time (a minute or more each).
Under CodeDeploy a service lists no deployments, so that the waiter can't be content: those
scenarios are left out, and can be named.
"""

import argparse
import subprocess
import sys
from pathlib import Path

SCENARIOS = (
    "steady", "slow-start", "failed", "rolled-back", "rolled-back-old-id", "older-role", "alarm",
    "stopped", "superseded", "service-gone", "crash-loop", "image-missing", "out-of-memory",
    "unhealthy", "secret-denied", "nothing-wanted", "wrong-digest", "throttled", "flaky",
    "blue-green", "blue-green-alarm", "blue-green-crash", "linear", "pause-hook",
)  # fmt: skip
_SPEED = 50
_DEPLOY = """
taskdef-render --cluster demo --service SERVICE --env BUILD=2 \
    --output "$ECSSTEP_BENCH/t.json" >&2
service-update --cluster demo --service SERVICE --taskdef "$ECSSTEP_BENCH/t.json" \
    --dotenv "$ECSSTEP_BENCH/deploy.env" >&2
set -a; . "$ECSSTEP_BENCH/deploy.env"; set +a
"""
_OURS = "wait-stable --cluster demo --service SERVICE --timeout 12s"
# The waiter's own acceptors: fails on MISSING, DRAINING, INACTIVE; is content with one deployment
# whose running count is the desired one.
_SHELL = """
for look in $(seq 40); do
  sleep 0.3
  set -- $(aws ecs describe-services --cluster demo --services SERVICE --output text --query \
    "[services[0].status, length(services[0].deployments || \\`[]\\`), \
    to_string(services[0].runningCount == services[0].desiredCount)]")
  case "$1" in DRAINING|INACTIVE|None) exit 255;; esac
  if [ "$2" = 1 ] && [ "$3" = true ]; then exit 0; fi
done
exit 255
"""
_WAITER = "aws ecs wait services-stable --cluster demo --services SERVICE"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--waiter", action="store_true", help="the AWS CLI's waiter in real time")
    parser.add_argument("scenario", nargs="*", help="which ones; all by default")
    given = parser.parse_args()
    shell, speed = (_WAITER, 5) if given.waiter else (_SHELL, _SPEED)
    rows = ["| scenario | wait-stable | exit | services-stable | wrongly green |"]
    rows.append("|---|---|---|---|---|")
    for scenario in given.scenario or SCENARIOS:
        word, ours = _ran(scenario, _OURS, speed=_SPEED)
        _, theirs = _ran(scenario, shell, speed=speed)
        wrong = "**yes**" if theirs == 0 and ours != 0 else ""
        rows.append(f"| {scenario} | {word} | {ours} | {theirs} | {wrong} |")
        sys.stderr.write(f"{rows[-1]}\n")
    sys.stdout.write("\n".join(rows) + "\n")
    return 0


def _ran(scenario: str, wait: str, *, speed: int) -> tuple[str, int]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        script = f"ECSSTEP_BENCH='{folder}'\nset -e\n{_DEPLOY}\nset +e\n{wait}"
        service = "blue" if scenario.startswith("codedeploy") else "web"
        script = script.replace("SERVICE", service)
        argv = ("ecsstep", "sandbox", "--scenario", scenario, "--speed", str(speed))
        done = subprocess.run(
            (str(Path(sys.executable).parent / argv[0]), *argv[1:], "--", "sh", "-c", script),
            capture_output=True,
            text=True,
            check=False,
        )
    return (done.stdout.strip().splitlines() or [""])[-1], done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
