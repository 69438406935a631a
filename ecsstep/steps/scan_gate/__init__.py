"""Fail when Amazon ECR's scan of an image finds more than the policy allows.

Only a finished scan that was read to its last page can pass. A scan that failed, that never took
place, that is too old or that is in a state which nobody knows is exit 3, never clean. An image for
several platforms is judged by all of them; the same finding on two of them counts once.

By default no CRITICAL and no HIGH finding is allowed; the other severities are shown. Basic
scanning's result is final when it is complete. Enhanced scanning (Amazon Inspector) fills its
result bit by bit: one within the limits has to stay the same for --settle, an empty one for twice
as long. Where no scan shows up within --grace, there is none.

Exceptions stand in .scan-gate.toml (or .yaml): an exact id, a reason, and until when. Files of
trivy (.trivyignore, .trivyignore.yaml) and grype (.grype.yaml) are read as well, by --ignore-file.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.scan_gate.options import GateOptions

main = Step(name="scan-gate", about=__doc__ or "", options=GateOptions, run=story(__name__))
