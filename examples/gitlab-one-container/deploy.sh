#!/bin/sh
# Article 000, from GitLab CI to ECS, line by line: above each step the shell that it replaces.
# In GitLab the variables come from the project's settings; here they have the sandbox's names.
#
#   ecsstep sandbox --speed 20 -- sh examples/gitlab-one-container/deploy.sh
set -eu

export ECR_REPOSITORY="${ECR_REPOSITORY:-app}"
export ECS_CLUSTER="${ECS_CLUSTER:-demo}"
export ECS_SERVICE="${ECS_SERVICE:-web}"
export TASK_DEFINITION="${TASK_DEFINITION:-web}"
export CI_COMMIT_TAG="${CI_COMMIT_TAG:-v1.2.3}"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'sh "$here/../app/leave.sh" "$work" "$OLDPWD"' EXIT
cd "$work"

# aws ecr get-login-password | docker login --username AWS --password-stdin ${ECR_REGISTRY}
ecr-login

# docker build -t ${ECR_REGISTRY}/${ECR_REPOSITORY}:${CI_COMMIT_TAG} .
source=$(sh "$here/../app/build.sh" app build "$work")

# docker push ${ECR_REGISTRY}/${ECR_REPOSITORY}:${CI_COMMIT_TAG}
image-push "$source" --dotenv deploy.env
set -a && . ./deploy.env && set +a

# aws ecs describe-task-definition > temp.json; jq 'del (...)'; jq '.containerDefinitions[0].image = ...'
taskdef-render --container app --output taskdef.json --dotenv deploy.env
set -a && . ./deploy.env && set +a

# aws ecs register-task-definition; aws ecs update-service
service-update --taskdef "$ECSSTEP_RENDERED" --dotenv deploy.env
set -a && . ./deploy.env && set +a

# aws ecs wait services-stable
wait-stable --deployment "$ECSSTEP_DEPLOYMENT"
