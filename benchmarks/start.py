"""What a step costs that only shows its help or tells a mistake, against Python itself."""

import sys

from measuring import BIN, MILLI, Figure, in_turns, middle, spread

from ecsstep.cli import STEPS

GOAL = 40.0


def figure(rounds: int) -> Figure:
    """Measure ``--help`` and a usage error of every step."""
    nothing = "python3 -c pass"
    commands = {nothing: (sys.executable, "-c", "pass")}
    for step in STEPS:
        commands[f"{step} --help"] = (str(BIN / step), "--help")
        commands[f"{step} --no-such-option"] = (str(BIN / step), "--no-such-option")
    costs = in_turns(commands, rounds, codes=(0, 2))
    base = middle(costs[nothing], "seconds")
    more = {name: (middle(each, "seconds") - base) * MILLI for name, each in costs.items()}
    lines = ["| | time | more than Python itself |", "|---|---|---|"]
    lines += [f"| `{name}` | {spread(costs[name])} | {more[name]:.0f} ms |" for name in commands]
    ours = [value for name, value in more.items() if name != nothing]
    busy = middle(costs[nothing], "processor")
    worst = max(middle(each, "processor") - busy for each in costs.values()) * MILLI
    return Figure(
        title="Starting: `--help` and a usage error",
        lines=lines,
        values={
            "start: ms more than python, the worst step": max(ours),
            "start: ms of processor more than python, the worst step": worst,
        },
        goals={"start: ms more than python, the worst step": GOAL},
    )
