"""Large input: scan-gate on ten thousand findings, taskdef-render on a definition of 2 MB."""

import json
import sys
import tempfile
from pathlib import Path

from measuring import MEGABYTE, Figure, in_turns, middle, ratio, rows, sandbox

FINDINGS = 10_000
_DEFINITION = 2 * MEGABYTE
_JQ = """jq '.containerDefinitions[0].image = "new:v2"' "$BIG" """
_AWS = """aws ecr describe-image-scan-findings --repository-name app --image-id imageTag=v1.0.0 \\
    --query imageScanFindings.findings --output json | jq 'group_by(.severity) | length'"""

_REPORTS = """cd "$WORK" && scan-gate app:v1.0.0 --report json=a.json --report gitlab=b.json \\
    --report junit=c.xml --report sarif=d.json"""


def figure(rounds: int) -> Figure:
    """Gate and render, beside what a shell would use."""
    findings = (sys.executable, str(Path(__file__).with_name("sandbox_with_findings.py")))
    gate = {
        "aws and jq": ("sh", "-c", _AWS),
        "scan-gate": ("scan-gate", "app:v1.0.0"),
        "scan-gate, four reports": (
            "sh", "-c",
            _REPORTS,
        ),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as work, sandbox(program=findings) as environ:
        big = Path(work) / "big.json"
        big.write_text(json.dumps(_definition()))
        environ |= {"BIG": str(big), "WORK": work}
        gated = in_turns(gate, rounds, environ=environ, codes=(0, 1))
        render = {
            "jq": ("sh", "-c", _JQ),
            "taskdef-render": ("taskdef-render", "--file", str(big), "--image", "app=new:v2"),
        }
        rendered = in_turns(render, rounds, environ=environ)
    return Figure(
        title="Large input",
        lines=[
            f"{FINDINGS} findings:", "", *rows(gated), "",
            f"A definition of {big_size():.0f} MB:", "", *rows(rendered),
        ],
        values={
            "large: 10,000 findings, of aws and jq": ratio(
                gated, "scan-gate", "aws and jq", "processor"
            ),
            "large: 10,000 findings in four reports, s of processor": middle(
                gated["scan-gate, four reports"], "processor"
            ),
            "large: 10,000 findings in four reports, MB of memory": middle(
                gated["scan-gate, four reports"], "memory"
            )
            / MEGABYTE,
            "large: 2 MB definition, s of processor": middle(
                rendered["taskdef-render"], "processor"
            ),
        },
    )  # fmt: skip


def big_size() -> float:
    """Return the definition's size in megabytes."""
    return _DEFINITION / MEGABYTE


def _definition() -> dict[str, object]:
    entry = {"name": "VARIABLE_000000", "value": "x" * 60}
    count = _DEFINITION // len(json.dumps(entry))
    environment = [{**entry, "name": f"VARIABLE_{number:06}"} for number in range(count)]
    container = {"name": "app", "image": "old:v1", "memory": 512, "environment": environment}
    return {"family": "web", "containerDefinitions": [container]}
