#!/bin/sh
# Article 002, blue/green: the commands of the buildspec's phases, and then what CodePipeline's
# CodeDeployToECS action does with imageDetail.json, taskdef.json and appspec.yaml.
#
#   ecsstep sandbox --speed 20 --scenario codedeploy -- sh examples/codebuild-blue-green/deploy.sh
set -eu

export IMAGE_REPO_NAME="${IMAGE_REPO_NAME:-app}"
export CODEBUILD_RESOLVED_SOURCE_VERSION="${CODEBUILD_RESOLVED_SOURCE_VERSION:-4f2a9c1d7e6b5a3f}"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'sh "$here/../app/leave.sh" "$work" "$OLDPWD"' EXIT
cd "$work"
cp "$here/taskdef.json" "$here/appspec.yaml" .

# pre_build
# what is wrong with taskdef.json is told before anything is built
taskdef-render --file taskdef.json --image "IMAGE1_NAME=$IMAGE_REPO_NAME" --output tried/taskdef.json
# aws ecr get-login-password | docker login ...
ecr-login

# build
# docker build ...; docker push ...; printf '{"ImageURI":"%s"}' ... > imageDetail.json
source=$(sh "$here/../app/build.sh" app build "$work")
image-push "$source" --image-detail imageDetail.json

# CodePipeline, deploy: ECS cluster demo, service blue
taskdef-render --file taskdef.json --definitions imageDetail.json --output filled/taskdef.json
service-update --cluster demo --service blue --taskdef filled/taskdef.json --appspec appspec.yaml --dotenv deploy.env
set -a && . ./deploy.env && set +a
wait-stable --cluster demo --service blue --deployment "$ECSSTEP_DEPLOYMENT"
