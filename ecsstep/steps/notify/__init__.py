"""Tell a Slack channel or an SNS topic how a deployment has ended.

What is told comes from the report that wait-stable wrote, from the dotenv file of the steps before
and from the platform's variables; where they disagree, the worse counts. A message that can't be
delivered is a warning, and the exit code stays 0, unless --strict is given. stdout: where the
message went, one a line: slack, sns.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.notify.options import NotifyOptions

main = Step(name="notify", about=__doc__ or "", options=NotifyOptions, run=story(__name__))
