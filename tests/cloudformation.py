"""CloudFormation for tests: the sandbox's moto, and the types that moto's CloudFormation lacks.

moto creates roles, policies, buckets, topics, rules and log groups of a stack by itself. What it
passes over with a warning is created here by a call of the type's own API, after botocore's model
has checked the properties; where the sandbox has no such API either (CodeDeploy's applications and
groups, connections to Git providers), the check is all.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.validate import ParamValidator
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.events.models import Rule
from moto.iam.models import InlinePolicy

from buildspecs import client
from ecsstep.sandbox.api import model

Environ = Mapping[str, str]
Properties = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What Ref and GetAtt give of a resource."""

    ref: str
    attributes: Mapping[str, str]


Maker = Callable[[Environ, str, Properties], Made]


def shaped(service: str, operation: str, properties: Properties) -> dict[str, Any]:
    """Return a request in the spelling of the API, checked against botocore's model.

    CloudFormation and the API differ in capitals; a property that the API doesn't have is a fault.
    """
    shape = model(service).operation_model(operation).input_shape
    request: dict[str, Any] = _spelled(properties, shape)
    report = ParamValidator().validate(request, shape).generate_report()
    assert not report, f"{operation}: {report}"
    return request


def _spelled(value: Any, shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            members = {name.lower(): name for name in shape.members}
            return {
                members[key.lower()]: _spelled(item, shape.members[members[key.lower()]])
                for key, item in value.items()
                if item is not None
            }
        # moto leaves a None where AWS::NoValue takes an item out.
        case "list":
            return [_spelled(item, shape.member) for item in value if item is not None]
        case "map":
            return {key: _spelled(item, shape.value) for key, item in value.items()}
        case "string":
            return str(value)
        case "integer":
            return int(value)
        case _:
            return value


def _project(environ: Environ, _name: str, properties: Properties) -> Made:
    with client(environ, "codebuild") as codebuild:
        name = properties["Name"]
        verb = "UpdateProject" if name in codebuild.list_projects()["projects"] else "CreateProject"
        request = shaped("codebuild", verb, properties)
        # moto wants a place; CodeBuild doesn't where source and artifacts are CodePipeline's.
        for each in ("source", "artifacts"):
            request[each] |= {"location": "codepipeline"}
        if verb == "UpdateProject":
            codebuild.delete_project(name=name)
        arn = codebuild.create_project(**request)["project"]["arn"]
    return Made(name, {"Arn": arn})


def _pipeline(environ: Environ, _name: str, properties: Properties) -> Made:
    request = shaped("codepipeline", "CreatePipeline", {"pipeline": properties})
    name = properties["Name"]
    with client(environ, "codepipeline") as codepipeline:
        if name in [each["name"] for each in codepipeline.list_pipelines()["pipelines"]]:
            codepipeline.update_pipeline(**request)
        else:
            codepipeline.create_pipeline(**request)
    return Made(name, {"Version": "1"})


def _application(_environ: Environ, _name: str, properties: Properties) -> Made:
    return Made(shaped("codedeploy", "CreateApplication", properties)["applicationName"], {})


def _group(_environ: Environ, _name: str, properties: Properties) -> Made:
    request = shaped("codedeploy", "CreateDeploymentGroup", properties)
    assert len(request["loadBalancerInfo"]["targetGroupPairInfoList"][0]["targetGroups"]) == 2
    return Made(request["deploymentGroupName"], {})


def _git_connection(environ: Environ, _name: str, properties: Properties) -> Made:
    shaped("codeconnections", "CreateConnection", properties)
    here = f"{environ['AWS_DEFAULT_REGION']}:{environ['AWS_ACCOUNT_ID']}"
    arn = f"arn:aws:codeconnections:{here}:connection/0f9e8d7c-0000-4000-8000-000000000000"
    return Made(arn, {"ConnectionArn": arn, "ConnectionStatus": "PENDING"})


def _bucket_policy(environ: Environ, name: str, properties: Properties) -> Made:
    with client(environ, "s3") as s3:
        s3.put_bucket_policy(
            Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"])
        )
    return Made(name, {})


def _topic_policy(environ: Environ, name: str, properties: Properties) -> Made:
    with client(environ, "sns") as sns:
        for arn in properties["Topics"]:
            sns.set_topic_attributes(
                TopicArn=arn,
                AttributeName="Policy",
                AttributeValue=json.dumps(properties["PolicyDocument"]),
            )
    return Made(name, {})


def _subscription(environ: Environ, _name: str, properties: Properties) -> Made:
    with client(environ, "sns") as sns:
        arn = sns.subscribe(**properties)["SubscriptionArn"]
    return Made(arn, {})


def _event_connection(environ: Environ, name: str, properties: Properties) -> Made:
    request = shaped("events", "CreateConnection", {"Name": name, **properties})
    with client(environ, "events") as events:
        arn = events.create_connection(**request)["ConnectionArn"]
    return Made(name, {"Arn": arn})


def _api_destination(environ: Environ, name: str, properties: Properties) -> Made:
    found = re.fullmatch(
        r"{{resolve:secretsmanager:(arn:[^}]+):SecretString}}", properties["InvocationEndpoint"]
    )
    assert found, "the webhook's URL has to come from a secret"
    with client(environ, "secretsmanager") as secrets:
        url = secrets.get_secret_value(SecretId=found[1])["SecretString"]
    request = shaped(
        "events", "CreateApiDestination", {"Name": name, **properties, "InvocationEndpoint": url}
    )
    with client(environ, "events") as events:
        arn = events.create_api_destination(**request)["ApiDestinationArn"]
    return Made(name, {"Arn": arn})


def _delete_project(environ: Environ, ref: str) -> None:
    with client(environ, "codebuild") as codebuild:
        codebuild.delete_project(name=ref)


def _delete_pipeline(environ: Environ, ref: str) -> None:
    with client(environ, "codepipeline") as codepipeline:
        codepipeline.delete_pipeline(name=ref)


def _leave(_environ: Environ, _ref: str) -> None:
    """Nothing is kept of it, or it goes with what it belongs to."""


_TYPES: Mapping[str, tuple[Maker, Callable[[Environ, str], None]]] = {
    "AWS::CodeBuild::Project": (_project, _delete_project),
    "AWS::CodeConnections::Connection": (_git_connection, _leave),
    "AWS::CodeDeploy::Application": (_application, _leave),
    "AWS::CodeDeploy::DeploymentGroup": (_group, _leave),
    "AWS::CodePipeline::Pipeline": (_pipeline, _delete_pipeline),
    "AWS::Events::ApiDestination": (_api_destination, _leave),
    "AWS::Events::Connection": (_event_connection, _leave),
    "AWS::S3::BucketPolicy": (_bucket_policy, _leave),
    "AWS::SNS::Subscription": (_subscription, _leave),
    "AWS::SNS::TopicPolicy": (_topic_policy, _leave),
}
# The sandbox that is there; moto calls the models without saying for whom.
_here: list[Environ] = []


class _Part:
    """A resource of a type that moto's CloudFormation doesn't know."""

    kind = ""

    def __init__(self, made: Made) -> None:
        self.made = made

    @property
    def physical_resource_id(self) -> str:
        return self.made.ref

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.kind

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return bool(attr)

    def get_cfn_attribute(self, name: str) -> str:
        return self.made.attributes[name]

    def is_created(self) -> bool:
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, *_where: str, **_more: Any
    ) -> "_Part":
        make, _ = _TYPES[cls.kind]
        return cls(make(_here[-1], resource_name, cloudformation_json["Properties"]))

    @classmethod
    def update_from_cloudformation_json(
        cls, *, new_resource_name: str, cloudformation_json: Any, **_more: Any
    ) -> "_Part":
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name: str, *_more: Any) -> None:
        _, delete = _TYPES[cls.kind]
        delete(_here[-1], resource_name)


class _Tidied:
    """A type of moto's own that stumbles over the None of an AWS::NoValue in a list."""

    kind = ""
    own: Any = None

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.kind

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return str(cls.own.cloudformation_name_type())

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return bool(cls.own.has_cfn_attr(attr))

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, *where: str, **more: Any
    ) -> Any:
        tidy = _without_nones(cloudformation_json)
        return cls.own.create_from_cloudformation_json(resource_name, tidy, *where, **more)

    @classmethod
    def update_from_cloudformation_json(cls, *, cloudformation_json: Any, **more: Any) -> Any:
        tidy = _without_nones(cloudformation_json)
        return cls.own.update_from_cloudformation_json(cloudformation_json=tidy, **more)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, *where: str
    ) -> None:
        tidy = _without_nones(cloudformation_json)
        cls.own.delete_from_cloudformation_json(resource_name, tidy, *where)


def _without_nones(value: Any) -> Any:
    match value:
        case dict():
            return {key: _without_nones(item) for key, item in value.items()}
        case list():
            return [_without_nones(item) for item in value if item is not None]
        case _:
            return value


# moto looks at the direct subclasses only, and takes the last one of a type.
_PARTS = [
    *(type("Part", (_Part, CloudFormationModel), {"kind": name}) for name in _TYPES),
    *(
        type("Tidied", (_Tidied, CloudFormationModel), {"kind": name, "own": own})
        for name, own in (("AWS::Events::Rule", Rule), ("AWS::IAM::Policy", InlinePolicy))
    ),
]


@contextmanager
def cloudformation(environ: Environ) -> Iterator[None]:
    """Let the CloudFormation of a sandbox know all types of our template."""
    caches = (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map)
    _here.append(environ)
    for cache in caches:
        cache.cache_clear()
    try:
        yield
    finally:
        _here.pop()
