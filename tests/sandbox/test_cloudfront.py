"""CloudFront's invalidations in the sandbox, by AWS's own client."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.cloudfront import DISTRIBUTION, CloudFront
from ecsstep.sandbox.server import Sandbox
from fakes import FakeClock


def a_batch(*paths: str, reference: str = "r") -> bytes:
    items = "".join(f"<Path>{path}</Path>" for path in paths)
    return (
        '<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">'
        f"<Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
        f"<CallerReference>{reference}</CallerReference></InvalidationBatch>"
    ).encode()


def created(cache: CloudFront, *paths: str, reference: str = "r") -> str:
    path = f"/2020-05-31/distribution/{DISTRIBUTION}/invalidation"
    body = a_batch(*paths, reference=reference)
    return cache.answer("CreateInvalidation", path, body).get_data(as_text=True)


def test_an_invalidation_takes_its_time_and_the_same_request_is_the_same_one(
    aws: Any,
) -> None:
    with Sandbox(environ={}, speed=0.001) as sandbox:
        client = aws(sandbox, "cloudfront", "us-east-1")
        batch = {"Paths": {"Quantity": 2, "Items": ["/a", "/b*"]}, "CallerReference": "r"}
        made = client.create_invalidation(DistributionId=DISTRIBUTION, InvalidationBatch=batch)
        again = client.create_invalidation(DistributionId=DISTRIBUTION, InvalidationBatch=batch)
        id_ = made["Invalidation"]["Id"]
        read = client.get_invalidation(DistributionId=DISTRIBUTION, Id=id_)

        assert made["Invalidation"]["Status"] == "InProgress"
        assert made["Invalidation"]["InvalidationBatch"] == batch
        assert again["Invalidation"] == made["Invalidation"] == read["Invalidation"]
        with pytest.raises(ClientError, match="NoSuchDistribution"):
            client.get_invalidation(DistributionId="ENONE", Id=id_)
        with pytest.raises(ClientError, match="NoSuchInvalidation"):
            client.get_invalidation(DistributionId=DISTRIBUTION, Id="INONE")
        # The rest of CloudFront is moto's.
        assert client.list_distributions()["DistributionList"]["Quantity"] == 0


def test_it_is_completed_after_a_while() -> None:
    clock = FakeClock()
    cache = CloudFront(clock)
    assert "<Status>InProgress</Status>" in created(cache, "/*")

    clock.elapsed = 30

    assert "<Status>Completed</Status>" in created(cache, "/*")


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (("/b",), "InvalidationBatchAlreadyExists"),
        (("a",), "InvalidArgument"),
        ((), "InvalidArgument"),
        (tuple(f"/{n}*" for n in range(15)), "TooManyInvalidationsInProgress"),
    ],
)
def test_what_cloudfront_refuses_is_refused(paths: tuple[str, ...], code: str) -> None:
    cache = CloudFront(FakeClock())
    created(cache, "/*", reference="r")

    with pytest.raises(ApiError) as caught:
        created(cache, *paths, reference="r" if code.startswith("InvalidationB") else "other")

    assert caught.value.code == code
