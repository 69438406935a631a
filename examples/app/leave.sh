#!/bin/sh
# End an example: keep the record of a step that failed, take everything else away.
#
#   leave.sh WORK START
#
# WORK is the example's own folder, START the one that it was begun in. It never fails, so that the
# example's exit code stays that of its step.
work=$1 start=$2

if test -d "$work/.ecsstep"; then
    cp -R "$work/.ecsstep" "$start" || echo "the record of the failure could not be kept" >&2
fi
rm -rf "$work"

# The sandbox's registry ends with it, and so do the names of its images in the engine.
if test -n "${ECSSTEP_SANDBOX:-}" && docker version >/dev/null 2>&1; then
    docker image ls --format '{{.Repository}}:{{.Tag}}' --filter "reference=$ECR_REGISTRY/*" |
        xargs -r docker image rm >/dev/null 2>&1
fi
exit 0
