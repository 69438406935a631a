#!/bin/sh
# Article 001 with one container: the commands of the buildspec's phases, one after the other, and
# then what CodePipeline's ECS action does with imagedefinitions.json.
#
#   ecsstep sandbox --speed 20 -- sh examples/codebuild-one-container/deploy.sh
set -eu

export IMAGE_REPO_NAME="${IMAGE_REPO_NAME:-app}"
export CODEBUILD_RESOLVED_SOURCE_VERSION="${CODEBUILD_RESOLVED_SOURCE_VERSION:-4f2a9c1d7e6b5a3f}"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'sh "$here/../app/leave.sh" "$work" "$OLDPWD"' EXIT
cd "$work"

# pre_build
# aws ecr get-login-password | docker login ...; echo $DOCKER_PASSWORD | docker login -u $DOCKER_USER ...
ecr-login

# build; the push stands at its end, since CodeBuild runs post_build after a failed build as well
# docker build -t $IMAGE_REPO_NAME:$IMAGE_TAG .; docker tag ...
source=$(sh "$here/../app/build.sh" app build "$work")

# docker push ...; printf '[{"name":"%s","imageUri":"%s"}]' ... > imagedefinitions.json
image-push "$source" --container app --definitions imagedefinitions.json

# CodePipeline, deploy: ECS cluster demo, service web
taskdef-render --cluster demo --service web --definitions imagedefinitions.json --output taskdef.json
service-update --cluster demo --service web --taskdef taskdef.json --dotenv deploy.env
set -a && . ./deploy.env && set +a
wait-stable --cluster demo --service web --deployment "$ECSSTEP_DEPLOYMENT"
