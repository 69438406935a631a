"""Render the task definition to deploy; reads AWS, changes nothing.

What comes out is the source (a family, what a service runs, or a file) with the asked changes and
nothing else: every field survives as it stands, read-only fields go by the API's own model, and
the whole is checked against that model. It is the JSON that
aws ecs register-task-definition --cli-input-json takes.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.taskdef_render.options import RenderOptions

main = Step(name="taskdef-render", about=__doc__ or "", options=RenderOptions, run=story(__name__))
