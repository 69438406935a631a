#!/bin/sh
# `make demo`: the whole way of a container image in the sandbox, once well and once badly.
set -u

here=$(cd "$(dirname "$0")" && pwd)
deploy=$here/codebuild-two-containers/deploy.sh

printf '\n── a deployment: log in, push, gate, render, update, wait ──────────────────\n\n'
ecsstep sandbox --speed 20 --scenario steady -- sh "$deploy"
good=$?

printf '\n── the same, but the new containers crash and ECS rolls back ───────────────\n\n'
ecsstep sandbox --speed 20 --scenario rolled-back -- sh "$deploy"
bad=$?

printf '\n── summary ─────────────────────────────────────────────────────────────────\n\n'
printf '  steady       exit %s  (0: deployed)\n' "$good"
printf '  rolled-back  exit %s  (3: the service is stable, but on the old revision)\n\n' "$bad"
printf '  "aws ecs wait services-stable" is green in both. Next: README.md\n'

[ "$good" = 0 ] && [ "$bad" = 3 ]
