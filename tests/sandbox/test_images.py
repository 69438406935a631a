"""ECR's calls about images and layers."""

import base64
from pathlib import Path
from typing import Any

import pytest
from emulated import EmulatedEcr, a_descriptor, a_manifest, an_index, sha256

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.images import is_immutable

CONFIG, LAYER = b'{"os": "linux"}', b"a layer"


@pytest.fixture
def ecr(tmp_path: Path) -> EmulatedEcr:
    return EmulatedEcr(tmp_path)


def upload(ecr: EmulatedEcr, repository: str, *blobs: bytes) -> None:
    for blob in blobs:
        begun = ecr("InitiateLayerUpload", repositoryName=repository)
        middle = len(blob) // 2
        for first, part in ((0, blob[:middle]), (middle, blob[middle:])):
            ecr(
                "UploadLayerPart",
                repositoryName=repository,
                uploadId=begun["uploadId"],
                partFirstByte=first,
                partLastByte=first + len(part) - 1,
                layerPartBlob=base64.b64encode(part).decode(),
            )
        ecr(
            "CompleteLayerUpload",
            repositoryName=repository,
            uploadId=begun["uploadId"],
            layerDigests=[sha256(blob)],
        )


def put(ecr: EmulatedEcr, manifest: bytes, tag: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"imageManifest": manifest.decode(), **more}
    if tag is not None:
        body["imageTag"] = tag
    return ecr("PutImage", **{"repositoryName": "app", **body})


def code_of(ecr: EmulatedEcr, operation: str, **body: Any) -> str:
    with pytest.raises(ApiError) as caught:
        ecr(operation, **body)
    return caught.value.code


def tags_of(ecr: EmulatedEcr, repository: str = "app") -> dict[str, list[str]]:
    images = ecr("DescribeImages", repositoryName=repository)["imageDetails"]
    return {image["imageDigest"]: image["imageTags"] or [] for image in images}


def test_an_image_put_by_the_api_is_there_by_the_digest_of_its_exact_bytes(
    ecr: EmulatedEcr,
) -> None:
    upload(ecr, "app", CONFIG, LAYER)
    manifest = a_manifest(CONFIG, LAYER).replace(b", ", b" ,\n ")

    put(ecr, manifest, "v2")

    [found] = ecr("DescribeImages", repositoryName="app", imageIds=[{"imageTag": "v2"}])[
        "imageDetails"
    ]
    assert found == {
        "registryId": "123456789012",
        "repositoryName": "app",
        "imageDigest": sha256(manifest),
        "imageTags": ["v2"],
        "imageSizeInBytes": len(CONFIG) + len(LAYER),
        "imagePushedAt": ecr.clock.now(),
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
        "imageStatus": "ACTIVE",
    }
    [got] = ecr("BatchGetImage", repositoryName="app", imageIds=[{"imageTag": "v2"}])["images"]
    assert got["imageManifest"].encode() == manifest


def test_a_moved_tag_leaves_its_image_without_one(ecr: EmulatedEcr) -> None:
    first = ecr.push("app", "next", "one")
    second = ecr.push("app", "next", "two")

    tags = tags_of(ecr)

    assert (tags[first], tags[second]) == ([], ["next"])
    listed = ecr("ListImages", repositoryName="app", filter={"tagStatus": "UNTAGGED"})["imageIds"]
    assert listed == [{"imageDigest": first, "imageTag": None}]


def test_one_image_may_have_several_tags(ecr: EmulatedEcr) -> None:
    digest = ecr.push("app", "one")

    assert ecr.push("app", "two") == digest
    assert tags_of(ecr)[digest] == ["one", "two"]


@pytest.mark.parametrize(
    ("manifest", "more", "code"),
    [
        pytest.param(b"{", {}, "InvalidParameterException", id="no JSON"),
        pytest.param(b"[]", {}, "InvalidParameterException", id="no object"),
        pytest.param(
            a_manifest(CONFIG, schemaVersion=1), {}, "InvalidParameterException", id="schema 1"
        ),
        pytest.param(
            a_manifest(CONFIG, mediaType=None), {}, "InvalidParameterException", id="no media type"
        ),
        pytest.param(
            a_manifest(CONFIG), {"imageManifestMediaType": "other"}, "InvalidParameterException",
            id="two media types",
        ),
        pytest.param(
            a_manifest(CONFIG, mediaType="text/html"), {}, "InvalidParameterException", id="page"
        ),
        pytest.param(
            a_manifest(CONFIG, layers=None), {}, "InvalidParameterException", id="no layers"
        ),
        pytest.param(
            a_manifest(CONFIG, layers=[{"digest": 1}]), {}, "InvalidParameterException",
            id="broken descriptor",
        ),
        pytest.param(
            a_manifest(CONFIG, layers=[{**a_descriptor(LAYER), "size": 1}]), {},
            "InvalidParameterException", id="wrong size",
        ),
        pytest.param(a_manifest(CONFIG, b"absent"), {}, "LayersNotFoundException", id="no blob"),
        pytest.param(
            an_index([sha256(b"absent")]), {}, "ReferencedImagesNotFoundException", id="no child"
        ),
        pytest.param(
            a_manifest(CONFIG, LAYER), {"imageDigest": sha256(b"")},
            "ImageDigestDoesNotMatchException", id="other digest",
        ),
        pytest.param(
            a_manifest(CONFIG, LAYER), {"imageTag": "-x"}, "InvalidParameterException", id="no tag"
        ),
        pytest.param(
            a_manifest(CONFIG, LAYER), {"repositoryName": "nope"}, "RepositoryNotFoundException",
            id="no repository",
        ),
    ],
)  # fmt: skip
def test_what_ecr_would_refuse_is_refused(
    ecr: EmulatedEcr, manifest: bytes, more: dict[str, str], code: str
) -> None:
    upload(ecr, "app", CONFIG, LAYER)
    before = tags_of(ecr)
    body = {"repositoryName": "app", "imageManifest": manifest.decode(), **more}

    assert code_of(ecr, "PutImage", **body) == code
    assert tags_of(ecr) == before


def test_the_same_image_again_is_said_to_be_there_with_and_without_a_tag(ecr: EmulatedEcr) -> None:
    upload(ecr, "app", CONFIG)
    manifest = a_manifest(CONFIG)
    put(ecr, manifest, "v2")

    for tag in ("v2", None):
        with pytest.raises(ApiError, match="ImageAlreadyExistsException"):
            put(ecr, manifest, tag)


def test_an_immutable_tag_stays(ecr: EmulatedEcr) -> None:
    first = ecr.push("immutable", "v1", "one")

    with pytest.raises(ApiError, match=r"ImageTagAlreadyExistsException.*tag is immutable"):
        ecr.push("immutable", "v1", "two")
    assert tags_of(ecr, "immutable") == {first: ["v1"]}


@pytest.mark.parametrize(
    ("mutability", "tag", "expected"),
    [
        pytest.param("MUTABLE", "v1", False, id="mutable"),
        pytest.param("IMMUTABLE", "v1", True, id="immutable"),
        pytest.param("IMMUTABLE_WITH_EXCLUSION", "dev-1", False, id="excluded from immutable"),
        pytest.param("IMMUTABLE_WITH_EXCLUSION", "v1", True, id="not excluded"),
        pytest.param("MUTABLE_WITH_EXCLUSION", "dev-1", True, id="excluded from mutable"),
    ],
)
def test_exclusion_filters_turn_a_tags_mutability_round(
    ecr: EmulatedEcr, mutability: str, tag: str, expected: bool
) -> None:
    repository = ecr.repository("app")
    repository.image_tag_mutability = mutability
    if mutability.endswith("EXCLUSION"):
        repository.image_tag_mutability_exclusion_filters = [{"filter": "dev-*"}]

    assert is_immutable(repository, tag) is expected


def test_an_index_is_given_whole_only_to_those_who_take_one(ecr: EmulatedEcr) -> None:
    child = ecr.push("app", None)
    index = an_index([child])
    put(ecr, index, "multi")
    wanted = {"repositoryName": "app", "imageIds": [{"imageTag": "multi"}]}

    plain = ecr("BatchGetImage", **wanted)
    asked = ecr(
        "BatchGetImage", **wanted, acceptedMediaTypes=["application/vnd.oci.image.index.v1+json"]
    )

    assert [image["imageId"]["imageDigest"] for image in plain["images"]] == [child]
    assert [image["imageId"]["imageDigest"] for image in asked["images"]] == [sha256(index)]
    [described] = ecr("DescribeImages", **wanted)["imageDetails"]
    image = ecr.images.find(ecr.repository("app"), digest=child)
    assert image is not None
    assert described["imageSizeInBytes"] == image.size


def test_what_batch_get_image_does_not_find_it_says_by_a_code(ecr: EmulatedEcr) -> None:
    digest = ecr.push("app", "v2")
    wanted = [
        {"imageTag": "nope"},
        {"imageDigest": digest, "imageTag": "v1.0.0"},
        {"imageDigest": digest, "imageTag": "v2"},
        {},
    ]

    answer = ecr("BatchGetImage", repositoryName="app", imageIds=wanted)

    assert [image["imageId"]["imageTag"] for image in answer["images"]] == ["v2"]
    assert [failure["failureCode"] for failure in answer["failures"]] == [
        "ImageNotFound",
        "ImageTagDoesNotMatchDigest",
        "MissingDigestAndTag",
    ]


def test_an_image_of_a_type_that_is_not_taken_is_not_found(ecr: EmulatedEcr) -> None:
    answer = ecr(
        "BatchGetImage",
        repositoryName="app",
        imageIds=[{"imageTag": "v1.0.0"}],
        acceptedMediaTypes=["application/vnd.docker.distribution.manifest.v2+json"],
    )

    assert (answer["images"], len(answer["failures"])) == ([], 1)


def test_describe_images_names_what_is_missing(ecr: EmulatedEcr) -> None:
    with pytest.raises(ApiError, match=r"imageTag:'nope'\} does not exist"):
        ecr("DescribeImages", repositoryName="app", imageIds=[{"imageTag": "nope"}])


def test_lists_come_in_pages(ecr: EmulatedEcr) -> None:
    for number in range(4):
        ecr.push("app", f"t{number}", str(number))

    first = ecr("ListImages", repositoryName="app", maxResults=3)
    rest = ecr("ListImages", repositoryName="app", maxResults=3, nextToken=first["nextToken"])

    tags = [image["imageTag"] for page in (first, rest) for image in page["imageIds"]]
    assert tags == ["v1.0.0", "t0", "t1", "t2", "t3"]
    assert rest["nextToken"] is None
    assert code_of(ecr, "ListImages", repositoryName="app", nextToken="?") == (
        "InvalidParameterException"
    )


def test_deleting_the_last_tag_deletes_the_image_and_an_indexs_child_stays(
    ecr: EmulatedEcr,
) -> None:
    kept = ecr.push("app", "one", "kept")
    ecr.push("app", "two", "kept")
    gone = ecr.push("app", "gone", "gone")
    bare = ecr.push("app", None, "bare")
    child = ecr.push("app", None, "child")
    put(ecr, an_index([child]), "multi")
    wanted = [
        {"imageTag": "one"},
        {"imageTag": "gone"},
        {"imageDigest": bare},
        {"imageDigest": child},
        {"imageTag": "nope"},
    ]

    answer = ecr("BatchDeleteImage", repositoryName="app", imageIds=wanted)

    assert answer["imageIds"] == [
        {"imageDigest": kept, "imageTag": "one"},
        {"imageDigest": gone, "imageTag": "gone"},
        {"imageDigest": bare, "imageTag": None},
    ]
    assert [failure["failureCode"] for failure in answer["failures"]] == [
        "ImageReferencedByManifestList",
        "ImageNotFound",
    ]
    tags = tags_of(ecr)
    assert tags[kept] == ["two"]
    assert child in tags
    assert gone not in tags


def test_layers_are_available_in_the_repository_that_has_them(ecr: EmulatedEcr) -> None:
    upload(ecr, "app", LAYER)
    digest = sha256(LAYER)

    here = ecr("BatchCheckLayerAvailability", repositoryName="app", layerDigests=[digest])
    there = ecr("BatchCheckLayerAvailability", repositoryName="immutable", layerDigests=[digest])

    assert [layer["layerSize"] for layer in here["layers"]] == [len(LAYER)]
    assert [failure["failureCode"] for failure in there["failures"]] == ["MissingLayerDigest"]


def test_a_layer_that_is_not_what_it_says_is_refused(ecr: EmulatedEcr) -> None:
    upload_id = ecr("InitiateLayerUpload", repositoryName="app")["uploadId"]
    named = {"repositoryName": "app", "uploadId": upload_id}
    part = {"partFirstByte": 5, "partLastByte": 6, "layerPartBlob": "eA=="}

    assert code_of(ecr, "UploadLayerPart", **named, **part) == "InvalidLayerPartException"
    assert code_of(ecr, "CompleteLayerUpload", **named, layerDigests=[sha256(b"x")]) == (
        "InvalidLayerException"
    )
    assert code_of(ecr, "CompleteLayerUpload", **named, layerDigests=[sha256(b"x")]) == (
        "UploadNotFoundException"
    )
