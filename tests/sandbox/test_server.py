"""The sandbox as a whole: the services behind one port."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError, ConnectionClosedError

from ecsstep.errors import Exit, StepError
from ecsstep.sandbox import environment
from ecsstep.sandbox.logs import writer
from ecsstep.sandbox.scenarios import SCENARIOS, Story
from ecsstep.sandbox.server import Sandbox
from ecsstep.steps.scan_gate.options import GateOptions


def test_every_call_has_its_service(aws: Any) -> None:
    with Sandbox(environ={}) as sandbox:
        assert aws(sandbox, "sts").get_caller_identity()["Account"] == "123456789012"
        assert aws(sandbox, "ecs").describe_clusters(clusters=["demo"])["clusters"]
        [app] = aws(sandbox, "ecr").describe_repositories(repositoryNames=["app"])["repositories"]
        assert app["repositoryUri"] == f"{sandbox.registry}/app"
        configured = aws(sandbox, "ecr").get_registry_scanning_configuration()
        assert configured["scanningConfiguration"]["scanType"] == "BASIC"
        assert aws(sandbox, "codedeploy").list_applications()["applications"] == []
        login = aws(sandbox, "ecr-public").get_authorization_token()["authorizationData"]
        assert base64.b64decode(login["authorizationToken"]) == b"AWS:of-the-sandbox"


def test_a_role_is_assumed_by_web_identity_and_meets_the_same_repositories() -> None:
    with Sandbox(environ={}) as sandbox:
        url, region = sandbox.url, sandbox.region
        sts = boto3.client("sts", endpoint_url=url, region_name=region)
        given = sts.assume_role_with_web_identity(
            RoleArn="arn:aws:iam::210987654321:role/deploy",
            RoleSessionName="job",
            WebIdentityToken="e30.e30.e30",
        )["Credentials"]
        ecr = boto3.client(
            "ecr",
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        assert ecr.describe_repositories(repositoryNames=["app"])["repositories"]
        sts.close()
        ecr.close()


def test_another_region_has_its_own_repositories(aws: Any) -> None:
    with Sandbox(environ={}) as sandbox:
        there = aws(sandbox, "ecr", "eu-west-1")

        assert there.describe_repositories()["repositories"] == []
        with pytest.raises(there.exceptions.RepositoryNotFoundException):
            there.list_images(repositoryName="app")


def test_nothing_is_remembered_and_nothing_is_left() -> None:
    with Sandbox(environ={}) as first:
        folder = Path(first.environ()["DOCKER_CONFIG"]).parent
        first.images.repository(first.region, "app").images.clear()
    with Sandbox(environ={}) as second:
        assert second.images.repository(second.region, "app").images

    assert not folder.exists()
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", first.url, retries=False)


def test_a_connection_that_stays_open_does_not_keep_the_sandbox(aws: Any) -> None:
    with Sandbox(environ={}) as sandbox:
        pool = urllib3.PoolManager()
        assert pool.request("GET", f"{sandbox.url}/v2/").status == 401

    pool.clear()


def test_lines_that_tasks_log_can_be_read(aws: Any) -> None:
    with Sandbox(environ={}, speed=1000) as sandbox:
        write = writer("123456789012", sandbox.region)
        write("/ecs/app", "app/app/1", ["one", "two"], sandbox.clock.now())
        write("/ecs/app", "app/app/1", ["three"], sandbox.clock.now())

        events = aws(sandbox, "logs").get_log_events(
            logGroupName="/ecs/app", logStreamName="app/app/1"
        )["events"]

    assert [event["message"] for event in events] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("fault", "code", "words", "status"),
    [
        pytest.param(
            "AccessDenied",
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/deploy/ecsstep is not authorized to "
            "perform: ecs:DescribeServices on resource: "
            "arn:aws:ecs:ap-northeast-1:123456789012:service/demo/web because no identity-based "
            "policy allows the ecs:DescribeServices action",
            400,
            id="denied",
        ),
        pytest.param("Throttling", "ThrottlingException", "Rate exceeded", 400, id="throttled"),
        pytest.param("ServerError", "ServerException", "Service Unavailable", 500, id="5xx"),
    ],
)
def test_an_action_goes_wrong_on_purpose_in_awss_words(
    aws: Any, fault: str, code: str, words: str, status: int
) -> None:
    with Sandbox(environ={}, faults={"ecs:DescribeServices": fault}) as sandbox:
        ecs = aws(sandbox, "ecs")

        with pytest.raises(ClientError) as caught:
            ecs.describe_services(cluster="demo", services=["web"])

        assert ecs.describe_clusters(clusters=["demo"])["clusters"]
    assert caught.value.response["Error"] == {"Code": code, "Message": words}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_connection_breaks_without_an_answer_on_purpose(aws: Any) -> None:
    with Sandbox(environ={}, faults={"ecs:DescribeClusters": "Reset"}) as sandbox:
        ecs = aws(sandbox, "ecs")

        with pytest.raises(ConnectionClosedError):
            ecs.describe_clusters(clusters=["demo"])

        assert ecs.describe_clusters(clusters=["demo"])["clusters"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "resource"),
    [
        ("ecr", "ListImages", {"repositoryName": "app"}, ":repository/app"),
        ("ecr", "GetAuthorizationToken", {}, "\\*"),
        ("ecs", "ListServices", {"cluster": "demo"}, ":cluster/demo"),
        (
            "ecs",
            "UpdateService",
            {"cluster": "arn:aws:ecs:r:1:cluster/demo", "service": "web"},
            ":service/demo/web",
        ),
        ("sts", "GetCallerIdentity", {}, "\\*"),
        ("codedeploy", "ListApplications", {}, "\\*"),
        ("cloudwatch", "ListMetrics", {}, "\\*"),
    ],
)
def test_a_denied_call_names_action_and_resource(
    aws: Any, service: str, operation: str, arguments: dict[str, str], resource: str
) -> None:
    action = f"{service}:{operation}"
    with (
        Sandbox(environ={}, faults={action: "AccessDenied"}) as sandbox,
        pytest.raises(ClientError, match=f"AccessDenied.*{action} on resource: .*{resource} "),
    ):
        aws(sandbox, service)._make_api_call(operation, arguments)


def test_a_registrys_client_is_denied_what_it_would_need_the_action_for(aws: Any) -> None:
    with Sandbox(environ={}, faults={"ecr:InitiateLayerUpload": "AccessDenied"}) as sandbox:
        [data] = aws(sandbox, "ecr").get_authorization_token()["authorizationData"]
        answer = urllib3.request(
            "POST",
            f"{sandbox.url}/v2/app/blobs/uploads/",
            headers={"Authorization": f"Basic {data['authorizationToken']}", "Connection": "close"},
        )

    [error] = answer.json()["errors"]
    assert (answer.status, error["code"]) == (403, "DENIED")
    assert "not authorized to perform: ecr:InitiateLayerUpload" in error["message"]


def test_every_request_is_one_line_of_the_log(aws: Any) -> None:
    log = io.StringIO()
    with Sandbox(environ={}, log=log) as sandbox:
        aws(sandbox, "ecr").describe_repositories()
        urllib3.request("GET", f"{sandbox.url}/v2/", headers={"Connection": "close"})

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [{**line, "time": ""} for line in lines] == [
        {"service": "ecr", "operation": "DescribeRepositories", "status": 200, "time": ""},
        {"service": "registry", "operation": "GET /v2/", "status": 401, "time": ""},
    ]


@pytest.mark.parametrize(
    ("target", "body", "status", "code"),
    [
        pytest.param(
            "AmazonEC2ContainerServiceV20141113.DescribeClusters", b"{", 400,
            "SerializationException", id="no JSON",
        ),
        pytest.param(
            "AmazonEC2ContainerRegistry_V20150921.ListImages", b"{}", 400,
            "InvalidParameterException", id="a member is missing",
        ),
        pytest.param(
            "AmazonEC2ContainerServiceV20141113.CreateCapacityProvider", b"{}", 400,
            "ClientException", id="an operation that isn't emulated",
        ),
        pytest.param("Nobody_2000.Do", b"{}", 400, "UnknownOperationException", id="no service"),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_answered_is_answered_so(
    target: str, body: bytes, status: int, code: str
) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/nobody/aws4_request"
    headers = {"X-Amz-Target": target, "Authorization": scope, "Connection": "close"}
    with Sandbox(environ={}) as sandbox:
        answer = urllib3.request("POST", sandbox.url, body=body, headers=headers)

    assert (answer.status, answer.json()["__type"]) == (status, code)
    assert answer.headers["x-amzn-RequestId"]


def test_a_bug_of_the_emulation_is_a_server_error(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(environ={}) as sandbox:
        monkeypatch.delattr(sandbox.images, "account")

        with pytest.raises(ClientError, match="the sandbox failed: AttributeError") as caught:
            aws(sandbox, "ecr").list_images(repositoryName="nope")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_region_that_does_not_exist_is_told_before_anything_starts() -> None:
    with pytest.raises(StepError, match="did you mean 'ap-northeast-1'") as caught:
        Sandbox(environ={"AWS_DEFAULT_REGION": "p-northeast-1"}).__enter__()

    assert caught.value.exit is Exit.USAGE


@pytest.mark.parametrize(
    ("reference", "is_there"),
    [
        ("{host}/app:v1.0.0", True),
        ("{host}/app", False),
        ("{host}/app:nope", False),
        ("{host}/app@{digest}", True),
        ("{host}/nope:v1.0.0", False),
        ("123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/app:v1.0.0", True),
        ("123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/app:nope", False),
        ("public.ecr.aws/nginx/nginx:1", True),
        ("nginx", True),
        ("{host}/APP:v1.0.0", False),
    ],
)
def test_a_task_can_pull_what_the_registry_holds(reference: str, is_there: bool) -> None:
    with Sandbox(environ={}) as sandbox:
        [image] = sandbox.images.repository(sandbox.region, "app").images
        name = reference.format(host=sandbox.registry, digest=image.digest)

        assert sandbox.has_image(name) is is_there


def test_the_environment_leads_to_the_sandbox_and_nowhere_else(tmp_path: Path) -> None:
    given = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ENDPOINT_URL_ECS": "https://elsewhere",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/deploy",
        "AWS_REGION": "eu-west-1",
        "GITLAB_OIDC_TOKEN": "token",
        "DOCKERHUB_USER": "bob",
        "DOCKERHUB_TOKEN": "real",
        "DOCKER_USER": "bob",
        "DOCKER_PASSWORD": "real",
        "DOCKER_AUTH_CONFIG": '{"auths": {"registry.example": {}}}',
        "ECSSTEP_ACCOUNT": "999999999999",
        "ECSSTEP_DOCKER_CONFIG": "/home/bob/.docker",
        "ECSSTEP_DOCKER_HUB_TOKEN": "real",
        "ECSSTEP_PUBLIC": "true",
        "ECSSTEP_REGISTRY": "999999999999.dkr.ecr.eu-west-1.amazonaws.com",
        "ECSSTEP_TIMEOUT": "1h",
        "ECSSTEP_INTERVAL": "",
        "HOME": str(tmp_path),
        "no_proxy": "internal",
    }
    with Sandbox(environ=given, speed=20) as sandbox:
        environ = sandbox.environ()
        docker = environ["DOCKER_CONFIG"]
        assert json.loads(Path(docker, "config.json").read_text()) == {"auths": {}}

    assert environ == {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_ACCOUNT_ID": "123456789012",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": sandbox.url,
        "AWS_PAGER": "",
        "AWS_REGION": "eu-west-1",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/deploy",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "DOCKER_CONFIG": docker,
        "ECR_REGISTRY": sandbox.registry,
        "ECSSTEP_GRACE": "15000ms",
        "ECSSTEP_INTERVAL": "250ms",
        "ECSSTEP_SANDBOX": "1",
        "ECSSTEP_SETTLE": "9000ms",
        "ECSSTEP_TIMEOUT": "1h",
        "ECSSTEP_SLACK_WEBHOOK": f"{sandbox.url}/services/T00000000/B00000000/sandbox",
        "GITLAB_OIDC_TOKEN": "token",
        "HOME": str(tmp_path),
        "NO_PROXY": "internal,127.0.0.1",
        "REGISTRY_AUTH_FILE": str(Path(docker, "config.json")),
        "SLACK_WEBHOOK_URL": f"{sandbox.url}/services/T00000000/B00000000/sandbox",
        "no_proxy": "internal,127.0.0.1",
    }


def test_the_region_that_a_step_would_take_is_the_sandboxs() -> None:
    given = {"ECSSTEP_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-west-1"}

    with Sandbox(environ=given) as sandbox:
        environ = sandbox.environ()

    assert environ["AWS_DEFAULT_REGION"] == "eu-north-1"
    assert "ECSSTEP_REGION" not in environ


def test_another_region_has_an_ecs_of_its_own_with_nothing_in_it(aws: Any) -> None:
    with Sandbox(environ={}) as sandbox:
        here, there = (aws(sandbox, "ecs", region) for region in (None, "eu-west-1"))
        assert here.list_clusters()["clusterArns"]
        assert there.list_clusters()["clusterArns"] == []
        arn = there.create_cluster(clusterName="demo")["cluster"]["clusterArn"]
        assert there.list_clusters()["clusterArns"] == [arn]
        groups = aws(sandbox, "codedeploy", "eu-west-1").list_applications()["applications"]

    assert (arn, groups) == ("arn:aws:ecs:eu-west-1:123456789012:cluster/demo", [])


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        pytest.param(
            "arn:aws:ecs:ap-northeast-1:999999999999:cluster/demo",
            "Identifier is for 999999999999. Your accountId is 123456789012", id="account",
        ),
        pytest.param(
            "arn:aws:ecs:eu-west-1:123456789012:cluster/demo",
            "Identifier is for eu-west-1. Your region is ap-northeast-1", id="region",
        ),
    ],
)  # fmt: skip
def test_what_is_named_in_another_account_or_region_is_refused(
    aws: Any, arn: str, said: str
) -> None:
    service = arn.replace("cluster/demo", "service/demo/web")
    with Sandbox(environ={}) as sandbox:
        ecs = aws(sandbox, "ecs")
        calls: dict[str, dict[str, Any]] = {
            "describe_clusters": {"clusters": [arn]},
            "describe_services": {"cluster": "demo", "services": [service]},
            "update_service": {"cluster": arn, "service": "web", "forceNewDeployment": True},
        }
        for name, wanted in calls.items():
            with pytest.raises(ClientError, match=said) as caught:
                getattr(ecs, name)(**wanted)
            assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-1", "aws")],
)
def test_the_sandboxs_names_are_the_same_wherever_they_are_told(
    aws: Any, region: str, partition: str
) -> None:
    denied = {"ecs:ListClusters": "AccessDenied"}
    with Sandbox(environ={"AWS_REGION": region}, faults=denied) as sandbox:
        who = aws(sandbox, "sts").get_caller_identity()["Arn"]
        found = aws(sandbox, "ecs").describe_clusters(clusters=["demo"])["clusters"]
        with pytest.raises(ClientError) as caught:
            aws(sandbox, "ecs").list_clusters()

    assert who == f"arn:{partition}:sts::123456789012:assumed-role/deploy/ecsstep"
    assert f"User: {who} is not authorized" in str(caught.value)
    assert found[0]["clusterArn"] == f"arn:{partition}:ecs:{region}:123456789012:cluster/demo"


def test_docker_keeps_the_way_to_its_engine_but_no_login(tmp_path: Path) -> None:
    usual = tmp_path / ".docker"
    (usual / "contexts").mkdir(parents=True)
    (usual / "config.json").write_text(
        '{"auths": {"real": {}}, "credsStore": "real", "currentContext": "colima"}'
    )
    with Sandbox(environ={"HOME": str(tmp_path)}) as sandbox:
        docker = Path(sandbox.environ()["DOCKER_CONFIG"])
        again = Path(sandbox.environ()["DOCKER_CONFIG"])
        config = json.loads((docker / "config.json").read_text())
        linked = (docker / "contexts").resolve()

    assert again == docker
    assert config == {"auths": {}, "currentContext": "colima"}
    assert linked == usual / "contexts"
    assert linked.is_dir()


def test_a_story_of_ones_own_can_be_told(aws: Any) -> None:
    with Sandbox(Story(about="mine", scan="unsupported"), environ={}) as sandbox:
        found = aws(sandbox, "ecr").describe_image_scan_findings(
            repositoryName="app", imageId={"imageTag": "v1.0.0"}
        )

    assert found["imageScanStatus"]["status"] == "UNSUPPORTED_IMAGE"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_starts(scenario: str) -> None:
    with Sandbox(scenario, environ={}) as sandbox:
        assert sandbox.story is SCENARIOS[scenario]


def test_the_gates_times_are_its_own_defaults() -> None:
    gate = GateOptions.declared()

    assert (gate["settle"].value, gate["grace"].value) == (environment._SETTLE, environment._GRACE)
