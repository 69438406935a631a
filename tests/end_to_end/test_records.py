"""Records of real processes: where they are left, what is not in them, and that they replay."""

import base64
import gzip
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from images import Layout
from processes import Ended, environ, run, sandboxed

DEFAULT = {"ECSSTEP_RECORD": ""}
ROLLED_BACK = """\
D=$(service-update --cluster demo --service web --force-new-deployment)
wait-stable --cluster demo --service web --deployment "$D"
"""
CANARIES = {
    "ID_TOKEN": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJrYW5hcmllLTEifQ.a2FuYXJpZS0x",
    "SECRET_KEY": "kanarie2/KeyThatIsSecret0123456789abcdef",
    "SESSION": "kanarie-3-SessionToken==",
    "HUB": "dckr_pat_kanarie-4-hub",
    "VARIABLE": "kanarie 5 'of a variable'",
    "FLAG": "kanarie-6-of-a-flag",
    "FILE": "kanarie-7-of-a-file",
    "YAML": "kanarie-8-of-yaml",
    "REFERENCE": "kanarie-9/reference",
    "AUTH": "kanarie-10-auth-file",
    "AUTH_VARIABLE": "kanarie-11-auth-variable",
    "STDIN": "kanarie-12-stdin",
    "HOOK": "kanarie13hook",
    "IMAGE": "kanarie-14-in-an-image",
    "COMMAND": "kanarie-15-command",
    "NEXT_WORD": "kanarie-16-next-word",
    "TASK_ENV": "kanarie 17 'of a task'",
    "LOGIN": "kanarie-18-login",
    "SHORT_FLAG": "kanarie-19-mysql",
    "LABEL": "kanarie-20-label",
    "TAG": "kanarie-21-tag",
    "NO_OPTION": "kanarie-22-no-option",
    "NO_NAME": "kanarie-23-no-name",
    "NO_JSON": "kanarie-24-no-json",
    "SHORT": "Ca20n",
    "SAID": "kanarie 25",
}
DEFINITION = {
    "family": "web",
    "tags": [{"key": "token", "value": CANARIES["TAG"]}],
    "containerDefinitions": [
        {
            "name": "app",
            "image": "x:1",
            "memory": 64,
            "environment": [
                {"name": "DB_PASSWORD", "value": CANARIES["FILE"]},
                {"name": "SHORT", "value": CANARIES["SHORT"]},
                {"name": "DATABASE_URL", "value": f"postgres://app:{CANARIES['FILE']}@db/app"},
            ],
            "command": ["migrate", "--password", CANARIES["NEXT_WORD"]],
            "entryPoint": ["sh", "-c", f'mysql -uroot -p{CANARIES["SHORT_FLAG"]}; "$@"'],
            "healthCheck": {
                "command": ["CMD-SHELL", f"curl -u admin:{CANARIES['LOGIN']} http://h"]
            },
            "dockerLabels": {"traefik.http.middlewares.a.basicauth.users": CANARIES["LABEL"]},
            "secrets": [
                {
                    "name": "KEY",
                    "valueFrom": "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:"
                    + CANARIES["REFERENCE"],
                }
            ],
        }
    ],
}
MERGE = f"""\
containerDefinitions:
  - name: app
    environment:
      - name: FROM_YAML
        value: {CANARIES["YAML"]}
    command: [migrate, --password, {CANARIES["NEXT_WORD"]}]
"""
STEPS = """\
log() { "$@" --record "$1-$((N = N + 1)).json.gz" >/dev/null || echo "$1 $?"; }
N=0
log ecr-login --tool none --docker-config auth
log ecr-login --tool none --docker-config auth --public --account 123456789012
export DOCKERHUB_USER=bob DOCKERHUB_TOKEN="$HUB"
log ecr-login --tool none --docker-config auth
unset DOCKERHUB_TOKEN
printf '%s\\n' "$STDIN" | ecr-login --tool none --docker-config auth --record stdin.json >/dev/null
unset DOCKERHUB_USER
python layout.py app app page.html
log image-push oci:app --repository app --tag v6.0.0 --tool none --docker-config auth
log image-push oci:app --repository app --tag v1.0.0 --tool none --docker-config auth
export ECSSTEP_ENV="FROM_VARIABLE=$VARIABLE"
log taskdef-render --cluster demo --service web --output r.json --merge merge.yaml --diff
log taskdef-render --file taskdef.json --output r.json --env "A_TOKEN=$FLAG" --diff \\
  --secret "S=arn:aws:ssm:ap-northeast-1:123456789012:parameter/$REFERENCE"
unset ECSSTEP_ENV
log service-update --cluster demo --service web --taskdef r.json --allow-missing-images --dry-run
log service-update --cluster demo --service web --taskdef r.json --allow-missing-images
log wait-stable --cluster demo --service web
log taskdef-render --taskdef web --image app=x:9 --diff
log scan-gate "$ECR_REGISTRY/app:v1.0.0" --report json=g.json
log task-run --record task.json --cluster demo --service web --container app \\
  --env "MIGRATE_KEY=$FLAG" -- migrate --password="$COMMAND"
ECSSTEP_TASK_ENV="PLAIN=$TASK_ENV" task-run --record task2.json --cluster demo --service web \\
  --container app -- migrate --password "$NEXT_WORD" -u "admin:$LOGIN" -e "TOKEN=$SAID" >/dev/null
ECSSTEP_ENV="$NO_NAME" taskdef-render --file taskdef.json --record malformed.json ||
  echo "render $?"
ecr-login --docker-hub-token "$NO_OPTION" --record mistake.json || echo "login $?"
DOCKER_AUTH_CONFIG="{\"auths\": {\"h\": {\"auth\": \"$(printf %s "bob:$NO_JSON" | base64)\"" \\
  ecr-login --tool none --docker-config auth --record no-json.json >/dev/null
ECSSTEP_SLACK_WEBHOOK="http://127.0.0.1:9/services/T0/B0/$HOOK" \\
  notify --slack --outcome failed --record notify.json >/dev/null
"""


def searched(content: bytes) -> Iterator[bytes]:
    """Yield a record's bytes, plain and whatever in it is base64."""
    plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    yield plain
    yield json.dumps(json.loads(plain), ensure_ascii=False).encode()
    for found in re.findall(rb"[A-Za-z0-9+/_-]{12,}", plain):
        for start in range(4):
            part = found[start:]
            part = part[: len(part) // 4 * 4].translate(bytes.maketrans(b"-_", b"+/"))
            yield base64.b64decode(part)


def test_no_canary_of_any_step_is_in_any_record(tmp_path: Path) -> None:
    (tmp_path / "taskdef.json").write_text(json.dumps(DEFINITION))
    (tmp_path / "merge.yaml").write_text(MERGE)
    (tmp_path / "page.html").write_text("<p>")
    (tmp_path / "layout.py").write_text(Path("examples/app/layout.py").read_text())
    (tmp_path / "auth").mkdir()
    login = base64.b64encode(f"bob:{CANARIES['AUTH']}".encode()).decode()
    (tmp_path / "auth/config.json").write_text(
        json.dumps({"auths": {"r.example": {"auth": login}}})
    )
    other = base64.b64encode(f"bob:{CANARIES['AUTH_VARIABLE']}".encode()).decode()
    script = (
        'export AWS_SECRET_ACCESS_KEY="$SECRET_KEY" AWS_SESSION_TOKEN="$SESSION"\n'
        'export ECSSTEP_ID_TOKEN="$ID_TOKEN" AWS_ROLE_ARN=arn:aws:iam::123456789012:role/deploy\n'
        + STEPS
    )
    variables = {
        **CANARIES,
        "DOCKER_AUTH_CONFIG": f'{{"auths":{{"q.example":{{"auth":"{other}"}}}}}}',
    }

    ended = sandboxed(script, scenario="rolled-back", cwd=tmp_path, variables=variables)

    assert ended.code == 0, ended.err
    assert ended.out == "image-push 1\nwait-stable 3\nrender 2\nlogin 2\n", ended.err
    auths = json.loads((tmp_path / "auth/config.json").read_text())["auths"]
    passwords = {
        base64.b64decode(entry["auth"]).decode().partition(":")[2] for entry in auths.values()
    }
    records = sorted(tmp_path.glob("*-*.json.gz")) + [
        tmp_path / f"{name}.json"
        for name in ("stdin", "task", "task2", "malformed", "mistake", "no-json", "notify")
    ]
    assert len(records) == 19
    for path in records:
        for content in searched(path.read_bytes()):
            for secret in (*CANARIES.values(), *passwords):
                assert secret.encode() not in content, path
        told = run("ecsstep", "replay", path.name, "--show-redactions", cwd=tmp_path)
        assert told.code == 0
        assert "redacted-1  " in told.out


@pytest.mark.real("docker")
def test_no_canary_of_an_engines_image_is_in_a_record(tmp_path: Path) -> None:
    canary = CANARIES["IMAGE"]
    script = (
        f"tar -cf - -T /dev/null | docker import -c 'ENV C={canary}' - app:canary >/dev/null\n"
        "ecr-login --tool docker >/dev/null\n"
        "image-push app:canary --repository app --tag v7.0.0 --tool docker --record r.json\n"
        "docker image rm -f app:canary >/dev/null"
    )

    ended = sandboxed(script, cwd=tmp_path)

    assert ended.code == 0, ended.err
    record = (tmp_path / "r.json").read_text()
    assert "C=redacted-" in record
    assert canary not in record
    assert offline(tmp_path, "r.json").err.endswith("replayed as recorded\n")


def offline(folder: Path, name: str, *more: str) -> Ended:
    """Replay without an environment."""
    env = {"PATH": environ()["PATH"], "HOME": "/nowhere"}
    return run("ecsstep", "replay", name, *more, cwd=folder, env=env)


def test_a_step_that_fails_leaves_its_record_and_says_how_to_replay_it(tmp_path: Path) -> None:
    ended = sandboxed(ROLLED_BACK, scenario="rolled-back", cwd=tmp_path, variables=DEFAULT)

    assert ended.code == 3
    [record] = (tmp_path / ".ecsstep").iterdir()
    name = f".ecsstep/{record.name}"
    assert re.fullmatch(r"wait-stable-\d{8}T\d{6}Z\.json", record.name)
    assert f"record written  file={name}" in ended.err
    assert ended.err.endswith(f"wait-stable: hint: replay it: ecsstep replay {name}\n")
    again = offline(tmp_path, name)
    assert (again.code, again.out) == (3, "rolled-back\n")
    assert "container 'app' exited with code 1" in again.err
    assert again.err.endswith("replay: replayed as recorded\n")


def test_a_step_that_succeeds_leaves_nothing_unless_asked(tmp_path: Path) -> None:
    script = "taskdef-render --taskdef web >/dev/null\n{}"

    ended = sandboxed(script.format("ls -A"), cwd=tmp_path, variables=DEFAULT)
    assert (ended.code, ended.out) == (0, ""), ended.err

    asked = sandboxed(script.format("ls -A"), cwd=tmp_path, variables={"ECSSTEP_RECORD": "always"})
    assert asked.out == ".ecsstep\n"


def test_a_changed_option_asks_for_what_the_record_hasnt(tmp_path: Path) -> None:
    script = (
        "service-update --cluster demo --service web --force-new-deployment\n"
        "wait-stable --cluster demo --service web --timeout 1s --record r.json"
    )

    run("ecsstep", "sandbox", "--scenario", "slow-start", "--", "sh", "-c", script, cwd=tmp_path)

    longer = offline(tmp_path, "r.json", "--option", "timeout=1h")
    assert longer.code == 2
    asked = r"no answer to ecs Describe\w+\(.*\) in ap-northeast-1 number \d+\n"
    assert re.search(asked, longer.err)
    shorter = offline(tmp_path, "r.json", "--option", "timeout=500ms")
    assert shorter.code == 124
    assert "replayed with a change" in shorter.err


def test_a_push_of_many_blobs_at_once_and_a_promotion_replay(tmp_path: Path) -> None:
    layout = Layout()
    images = [
        layout.image({"page": f"layer {number}".encode()}, architecture=f"a{number}")
        for number in range(7)
    ]
    layout.name(layout.index(*images))
    layout.write(tmp_path / "app")
    script = """\
image-push oci:app --repository app --tag v7.0.0 --tool none --record push.json
image-push --from "$ECR_REGISTRY/app:v7.0.0" --repository laravel-php --tag v7.0.0 --tool none \\
  --record promote.json
image-push oci:app --repository app --tag v7.0.1 --tool none --dry-run --record dry.json
"""

    ended = sandboxed(script, cwd=tmp_path)

    assert ended.code == 0, ended.err
    shutil.rmtree(tmp_path / "app")
    for name in ("push.json", "promote.json", "dry.json"):
        for _ in range(3):
            again = offline(tmp_path, name)
            assert again.code == 0, again.err
            assert again.err.endswith("replay: replayed as recorded\n"), again.err
