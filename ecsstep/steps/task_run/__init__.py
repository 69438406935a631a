"""Run one task as the service's tasks are run, before a deployment: a migration, say.

Network, capacity, platform version and task definition are the service's; the words after -- are
the container's command. Its log is shown while it runs. It went well only if that container exited
with 0; ECSSTEP_TASK_EXIT_CODE in the dotenv file tells its exit code apart from the step's.
Outcomes: succeeded (exit 0), failed, not-started, cut-short, gone, unknown (3), timeout (124);
not-placed is 75 where there is no capacity, else 3. stdout: the task's ARN.

A second run starts a second task, unless --task names the one to follow. A task definition in a
file is registered if it is new, and the dotenv file hands that revision on, so that service-update
deploys exactly it.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.task_run.options import TaskOptions

main = Step(name="task-run", about=__doc__ or "", options=TaskOptions, run=story(__name__))
