"""How the AWS CLI calls things; it makes its names from botocore's models."""

import functools
import re
from collections.abc import Mapping
from typing import Any

from ecsstep.aws.data import loader
from ecsstep.rules.record.shell import Name

# Where a command of the AWS CLI has another name than botocore's service:
# https://github.com/aws/aws-cli/blob/v2/awscli/customizations/codedeploy/codedeploy.py
_SERVICES: Mapping[str, str] = {"codedeploy": "deploy", "s3": "s3api"}


_SERVICE = re.compile(r"[a-z][a-z0-9-]*")


def name_of(service: str, operation: str) -> Name | None:
    """Return the AWS CLI's name of an operation; None where botocore knows of none."""
    from botocore import xform_name

    found = _model(service) if _SERVICE.fullmatch(service) else None
    if found is None or operation not in found.operation_names:
        return None
    shape = found.operation_model(operation).input_shape
    return Name(
        words=(_SERVICES.get(service, service), xform_name(operation, "-")),
        options={name: xform_name(name, "-") for name in (shape.members if shape else ())},
    )


@functools.cache
def _model(service: str) -> Any:
    import botocore.session
    from botocore.exceptions import BotoCoreError

    session = botocore.session.Session()
    session.register_component("data_loader", loader())
    try:
        return session.get_service_model(service)
    except BotoCoreError:
        return None
