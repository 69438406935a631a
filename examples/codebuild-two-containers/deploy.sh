#!/bin/sh
# Article 001 with two containers (php-fpm and nginx in one task), with the gate of article 002
# between push and deployment.
#
#   ecsstep sandbox --speed 20 -- sh examples/codebuild-two-containers/deploy.sh
set -eu

export IMAGE_REPO_NAME_1="${IMAGE_REPO_NAME_1:-laravel-php}"
export IMAGE_REPO_NAME_2="${IMAGE_REPO_NAME_2:-laravel-nginx}"
export CODEBUILD_RESOLVED_SOURCE_VERSION="${CODEBUILD_RESOLVED_SOURCE_VERSION:-4f2a9c1d7e6b5a3f}"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'sh "$here/../app/leave.sh" "$work" "$OLDPWD"' EXIT
cd "$work"

# pre_build
# aws ecr get-login-password | docker login ...
ecr-login

# build; the push stands at its end, since CodeBuild runs post_build after a failed build as well
# docker build -t $IMAGE_REPO_NAME_1:$IMAGE_TAG -f docker/php/Dockerfile .
# docker build -t $IMAGE_REPO_NAME_2:$IMAGE_TAG -f docker/nginx/Dockerfile .
php=$(sh "$here/../app/build.sh" laravel-php build "$work")
nginx=$(sh "$here/../app/build.sh" laravel-nginx build "$work")

# docker push ... (twice); printf '[{"name":"%s","imageUri":"%s"},{...}]' ... > imagedefinitions.json
php=$(image-push "$php" --repository "$IMAGE_REPO_NAME_1" --container app --definitions imagedefinitions.json)
nginx=$(image-push "$nginx" --repository "$IMAGE_REPO_NAME_2" --container nginx --definitions imagedefinitions.json)

# aws ecr start-image-scan; aws ecr wait image-scan-complete; jq '.CRITICAL // 0' ...
scan-gate "$php"
scan-gate "$nginx"

# CodePipeline, deploy: ECS cluster demo, service shop
taskdef-render --cluster demo --service shop --definitions imagedefinitions.json --output taskdef.json --diff
service-update --cluster demo --service shop --taskdef taskdef.json --dotenv deploy.env
set -a && . ./deploy.env && set +a
wait-stable --cluster demo --service shop --deployment "$ECSSTEP_DEPLOYMENT"
