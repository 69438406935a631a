#!/bin/sh
# Article 002: the build takes its cache from the image that was pushed last, and the scan decides
# whether the new one may be deployed.
#
#   ecsstep sandbox --speed 20 -- sh examples/scan-gate-and-cache/deploy.sh
#   ecsstep sandbox --speed 20 --scenario findings -- sh examples/scan-gate-and-cache/deploy.sh
set -eu

export IMAGE_REPO_NAME="${IMAGE_REPO_NAME:-app}"
export CODEBUILD_RESOLVED_SOURCE_VERSION="${CODEBUILD_RESOLVED_SOURCE_VERSION:-9c1d7e6b5a3f4f2a}"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'sh "$here/../app/leave.sh" "$work" "$OLDPWD"' EXIT
cd "$work"

# aws ecr get-login-password | docker login ...; echo $DOCKERHUB_TOKEN | docker login ...
ecr-login

# docker pull $REPOSITORY_URI:latest || true; docker build --cache-from $REPOSITORY_URI:latest ...
# The cache is docker's own business; a miss is no failure.
docker pull --quiet "$ECR_REGISTRY/$IMAGE_REPO_NAME:latest" >/dev/null 2>&1 || true
source=$(sh "$here/../app/build.sh" app build "$work")

# docker push $REPOSITORY_URI:latest; docker push $REPOSITORY_URI:$IMAGE_TAG
# `latest` moves, so it has to be allowed; what is deployed is the digest.
tag=$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c 1-8)
image-push "$source" --tag "$tag" --tag latest --allow-mutable-tag --dotenv deploy.env
set -a && . ./deploy.env && set +a

# aws ecr start-image-scan; aws ecr wait image-scan-complete; jq ...; if [ "$CRITICAL" -gt 0 ] ...
scan-gate

taskdef-render --cluster demo --service web --container app --output taskdef.json --dotenv deploy.env
set -a && . ./deploy.env && set +a
service-update --cluster demo --service web --taskdef "$ECSSTEP_RENDERED" --dotenv deploy.env
set -a && . ./deploy.env && set +a
wait-stable --cluster demo --service web --deployment "$ECSSTEP_DEPLOYMENT"
