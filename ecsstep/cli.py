"""The umbrella command: every step, and what stands beside the steps."""

import importlib
import sys
from collections.abc import Sequence

from ecsstep import __version__
from ecsstep.core.help import summary
from ecsstep.core.step import Step
from ecsstep.errors import Exit
from ecsstep.text import meant, printable

STEPS = (
    "ecr-login",
    "image-push",
    "scan-gate",
    "taskdef-render",
    "task-run",
    "service-update",
    "wait-stable",
    "cache-invalidate",
    "notify",
)
"""The steps, in the order of a deployment."""

BESIDE = {
    "replay": "Run a failed step again from its record, without AWS.",
    "sandbox": "Run a command against an emulated AWS on this machine.",
    "iam-policy": "Print the least-privilege IAM policy of the steps and options in use.",
}
"""What stands beside the steps, with one line each."""


def step(name: str) -> Step:
    """Return the step of this name; only its own module is loaded."""
    module = importlib.import_module(f"ecsstep.steps.{name.replace('-', '_')}")
    found: Step = module.main
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the step that the first argument names and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words:
        sys.stderr.write(_help() + "\n")
        return Exit.USAGE
    name, *rest = words
    if name in STEPS:
        return step(name)(rest)
    if name == "sandbox":
        from ecsstep.sandbox.command import main as sandbox

        return sandbox(rest)
    if name == "replay":
        from ecsstep.replay.command import main as replay

        return replay(rest, steps=STEPS, step=step)
    if name == "iam-policy":
        from ecsstep.policies.command import main as iam_policy

        return iam_policy(rest)
    if name in {"--help", "-h", "help"}:
        sys.stdout.write(_help() + "\n")
        return Exit.OK
    if name in {"--version", "-V"}:
        sys.stdout.write(f"ecsstep {__version__}\n")
        return Exit.OK
    sys.stderr.write(
        f"ecsstep: error: there is no step '{printable(name)}'{meant(name, [*STEPS, *BESIDE])}\n"
        "ecsstep: hint: ecsstep --help lists the steps\n"
    )
    return Exit.USAGE


def _help() -> str:
    wide = max(map(len, (*STEPS, *BESIDE))) + 2
    lines = [f"  {name:<{wide}}{summary(step(name).about)}" for name in STEPS]
    return "\n".join(
        [
            "usage: ecsstep STEP [option]...",
            "",
            "Deploy steps for Amazon ECS; each is a command by itself as well.",
            "",
            "steps, in the order of a deployment:",
            *lines,
            "",
            "beside the steps:",
            *(f"  {name:<{wide}}{about}" for name, about in BESIDE.items()),
            "",
            "ecsstep STEP --help tells the options of one step.",
        ]
    )
