"""What we lean on of botocore beyond its clients: a release that changes it fails here first.

Everything here is public (no name begins with an underscore), though botocore promises little of
it. docs/performance.md says what each is for.
"""

import inspect
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.awsrequest
import botocore.credentials
import botocore.loaders
import botocore.model
import botocore.session
import pytest

from ecsstep.aws.data import loader
from ecsstep.aws.session import connect
from ecsstep.core.log import Log
from ecsstep.core.options import Options

SESSION = botocore.session.Session
LOADER = botocore.loaders.Loader
TAKEN: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "session.get_config_variable": (SESSION.get_config_variable, ("logical_name",)),
    "session.set_config_variable": (SESSION.set_config_variable, ("logical_name", "value")),
    "session.register": (SESSION.register, ("event_name", "handler")),
    "session.get_component": (SESSION.get_component, ("name",)),
    "session.register_component": (SESSION.register_component, ("name", "component")),
    "session.get_partition_for_region": (SESSION.get_partition_for_region, ("region_name",)),
    "session.create_client": (
        SESSION.create_client,
        ("service_name", "region_name", "endpoint_url", "config"),
    ),
    "loader": (LOADER, ("extra_search_paths", "include_default_search_paths")),
    "answer": (botocore.awsrequest.AWSResponse, ("url", "status_code", "headers", "raw")),
    "model": (botocore.model.ServiceModel, ("service_description", "service_name")),
    "model.operation_model": (botocore.model.ServiceModel.operation_model, ("operation_name",)),
    "model.shape_for": (botocore.model.ServiceModel.shape_for, ("shape_name",)),
    "credentials.web_identity": (
        botocore.credentials.AssumeRoleWithWebIdentityCredentialFetcher,
        ("client_creator", "web_identity_token_loader", "role_arn", "extra_args"),
    ),
    "credentials.role": (
        botocore.credentials.AssumeRoleCredentialFetcher,
        ("client_creator", "source_credentials", "role_arn", "extra_args"),
    ),
    "credentials.deferred": (
        botocore.credentials.DeferredRefreshableCredentials,
        ("refresh_using", "method", "time_fetcher"),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_botocore_takes_what_we_give_it(name: str) -> None:
    taken, parameters = TAKEN[name]

    assert set(parameters) <= set(inspect.signature(taken).parameters)


def test_the_loader_asks_its_own_list_of_services_before_it_loads_one() -> None:
    asked: list[str] = []

    class Watched(LOADER):  # type: ignore[misc, unused-ignore]
        def list_available_services(self, type_name: str) -> list[str]:
            asked.append(type_name)
            return ["ecs"]

    assert Watched().load_service_model("ecs", "service-2")["metadata"]["serviceId"] == "ECS"
    assert asked == ["service-2"]


def test_a_connection_reads_every_data_file_by_our_loader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    load = botocore.loaders.JSONFileLoader.load_file

    def noted(self: Any, path: str) -> Any:
        found = load(self, path)
        if found is not None:
            opened.append(os.path.relpath(path, LOADER.BUILTIN_DATA_PATH))
        return found

    monkeypatch.setattr(botocore.loaders.JSONFileLoader, "load_file", noted)
    loader.cache_clear()
    aws = connect(Options(region="eu-west-1"), {}, Log(step="s", stream=io.StringIO()))

    aws.client("ecs")
    aws.client("ecs", region="us-east-1")

    assert len(opened) == len(set(opened))
    assert {Path(path).parts[0] for path in opened} <= {
        "ecs", "endpoints", "partitions", "sdk-default-configuration", "_retry",
    }  # fmt: skip


def test_the_users_own_data_folder_is_left_to_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", "/nowhere")
    session = botocore.session.Session()

    assert session.get_config_variable("data_path") == "/nowhere"
    assert LOADER.CUSTOMER_DATA_PATH
