"""Let CloudFront forget what it has cached, after a deployment.

A second run for the same deployment and paths (or within the same job) is the same request:
CloudFront answers it with the invalidation that it has made already. CloudFront is global, so no
region need be given. stdout: the id of each invalidation.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.cache_invalidate.options import CacheOptions

main = Step(name="cache-invalidate", about=__doc__ or "", options=CacheOptions, run=story(__name__))
