"""botocore's data files."""

import pytest
from botocore.exceptions import DataNotFoundError

from ecsstep.aws.data import loader


def test_data_files_are_found_without_a_look_into_every_services_folder() -> None:
    found = loader().list_available_services("service-2")

    assert {"ecs", "ecr", "sts", "codedeploy"} <= set(found)
    assert found == sorted(found)


def test_one_file_is_parsed_once_for_the_client_and_for_the_rules() -> None:
    assert loader() is loader()
    assert loader().load_service_model("ecs", "service-2") is loader().load_service_model(
        "ecs", "service-2"
    )


def test_a_service_that_botocore_does_not_know_is_an_error() -> None:
    with pytest.raises(DataNotFoundError):
        loader().load_service_model("no-such-service", "service-2")
