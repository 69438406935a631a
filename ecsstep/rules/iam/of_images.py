"""The IAM actions of the steps that bring an image into ECR and gate it."""

from ecsstep.rules.iam.actions import Action, Need
from ecsstep.rules.iam.places import Place

_MOVES = ("--floating-tags", "--allow-mutable-tag")

_TOKEN = Action(name="ecr:GetAuthorizationToken", why="log in to the registries of a region")

ECR_LOGIN = (
    _TOKEN,
    Action(
        name="ecr-public:GetAuthorizationToken", why="log in to ECR Public", only_with=("--public",)
    ),
    Action(
        name="sts:GetServiceBearerToken",
        why="log in to ECR Public",
        need=Need.IMPLIED,
        only_with=("--public",),
    ),
    Action(
        name="ssm:GetParameter",
        on=(Place.PARAMETER,),
        why="read Docker Hub's password",
        only_with=("--docker-hub-parameter",),
    ),
    Action(
        name="secretsmanager:GetSecretValue",
        on=(Place.SECRET,),
        why="read Docker Hub's password",
        only_with=("--docker-hub-secret",),
    ),
)

IMAGE_PUSH = (
    _TOKEN,
    Action(
        name="ecr:BatchGetImage",
        on=(Place.REPOSITORY,),
        why="see what stands under a tag, before the push and after it",
    ),
    Action(
        name="ecr:BatchCheckLayerAvailability",
        on=(Place.REPOSITORY,),
        why="upload only the layers that are missing",
    ),
    Action(name="ecr:InitiateLayerUpload", on=(Place.REPOSITORY,), why="upload a layer"),
    Action(name="ecr:UploadLayerPart", on=(Place.REPOSITORY,), why="upload a layer"),
    Action(name="ecr:CompleteLayerUpload", on=(Place.REPOSITORY,), why="upload a layer"),
    Action(name="ecr:PutImage", on=(Place.REPOSITORY,), why="put the image under its tags"),
    Action(
        name="ecr:ListImages",
        on=(Place.REPOSITORY,),
        why="find out whether a higher version is there",
        only_with=("--floating-tags",),
    ),
    Action(
        name="ecr:DescribeRepositories",
        on=(Place.REPOSITORY,),
        why="learn which tags may move, before anything is pushed",
        need=Need.OPTIONAL,
        only_with=_MOVES,
        not_with=("--create-repository",),
    ),
    Action(
        name="ecr:DescribeRepositories",
        on=(Place.REPOSITORY,),
        why="find out whether the repository is there",
        only_with=("--create-repository",),
    ),
    Action(
        name="ecr:CreateRepository",
        on=(Place.REPOSITORY,),
        why="create the repository",
        only_with=("--create-repository",),
    ),
    Action(
        name="ecr:GetDownloadUrlForLayer",
        on=(Place.REPOSITORY,),
        why="read which commit the image is of that is there",
        only_with=("--accept-rebuild",),
    ),
    Action(
        name="ecr:BatchGetImage",
        on=(Place.SOURCE,),
        why="read the image that is promoted",
        only_with=("--from",),
    ),
    Action(
        name="ecr:GetDownloadUrlForLayer",
        on=(Place.SOURCE,),
        why="read the layers that the registry can't mount",
        only_with=("--from",),
    ),
)

# What a container tool asks for when it reads and writes a cache in ECR:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
_OF_CACHE = (
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)
BUILD_CACHE = tuple(
    Action(
        name=name,
        on=(Place.CACHE,),
        why="the build's own: read and write its cache",
        only_with=("--cache",),
    )
    for name in _OF_CACHE
)

SCAN_GATE = (
    Action(
        name="ecr:BatchGetImage",
        on=(Place.REPOSITORY,),
        why="find the image's digest and its platforms; with a digest given, one that is denied is "
        "taken for an image of a single platform",
    ),
    Action(
        name="ecr:DescribeImageScanFindings", on=(Place.REPOSITORY,), why="read the scan's result"
    ),
    Action(
        name="inspector2:ListFindings",
        why="read the scan's result where the registry has enhanced scanning",
        # https://github.com/alexjurkiewicz/ecr-scan-image/issues/19
        need=Need.IMPLIED,
    ),
    Action(
        name="ecr:StartImageScan",
        on=(Place.REPOSITORY,),
        why="start a scan where basic scanning has none or an old one",
        need=Need.OPTIONAL,
        not_with=("--start=never",),
    ),
    Action(
        name="ecr:GetRegistryScanningConfiguration",
        why="tell basic scanning from enhanced, so that no result is waited for too long",
        need=Need.OPTIONAL,
    ),
    Action(
        name="ecr:BatchGetRepositoryScanningConfiguration",
        on=(Place.REPOSITORY,),
        why="see at once that no scan will ever come",
        need=Need.OPTIONAL,
    ),
)
