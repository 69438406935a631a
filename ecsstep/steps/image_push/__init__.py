"""Push an image that is already built, and pin it by digest.

SOURCE is an image of the local engine (app:build), or without any engine oci:DIR[:TAG],
oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG]; --from takes one that is in a registry. The
tag is the Git tag of the pipeline, else the first eight characters of the commit's id. A tag that
moves from image to image (latest, main) is a mistake unless --allow-mutable-tag; a tag that names
another image already is refused, exit 1.

stdout is the pinned reference, HOST/REPOSITORY@sha256:…, as the registry reports it.
"""

from ecsstep.core.late import story
from ecsstep.core.step import Step
from ecsstep.steps.image_push.options import ImagePushOptions

main = Step(name="image-push", about=__doc__ or "", options=ImagePushOptions, run=story(__name__))
