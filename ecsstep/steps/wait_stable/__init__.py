"""Wait for deployments, by their identity, and say how they ended and why.

A service that is stable is no deployment that succeeded: after a rollback it is stable as well, on
the old revision. So this step follows the deployment's own id. Outcomes: deployed (exit 0),
failed, rolled-back, stopped, gone (3), superseded (4), timeout (124); reached (0) with --until.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.wait_stable.options import WaitOptions

main = Step(name="wait-stable", about=__doc__ or "", options=WaitOptions, run=story(__name__))
