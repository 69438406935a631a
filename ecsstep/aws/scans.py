"""Amazon ECR's scans of images."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from ecsstep.aws.ecr import no_repository
from ecsstep.aws.errors import error_code, translated
from ecsstep.aws.scan_replies import scan_from
from ecsstep.errors import Exit, StepError
from ecsstep.rules.findings import Scan
from ecsstep.rules.scan_place import Place
from ecsstep.value import Value

_PAGE = 1000
_READINGS = 3


class Start(Enum):
    """What became of the wish to start a scan."""

    STARTED = auto()
    ALREADY = auto()
    """It was scanned within the last day; the scan on push counts."""
    ENHANCED = auto()
    """Scans by hand are off, since the registry has enhanced scanning."""


class _Page(Value):
    scan: Scan
    next_token: str | None


class Scans:
    """ECR's API about the scans of one repository."""

    def __init__(self, client: Any, *, repository: str, registry_id: str | None = None) -> None:
        self._client = client
        self._repository = repository
        self._place = {"repositoryName": repository} | (
            {"registryId": registry_id} if registry_id else {}
        )

    def check_model(self) -> None:
        """Find out whether this botocore can see what enhanced scanning finds.

        One that is too old drops it from the answer without a word: an empty list of findings.

        Raises:
            StepError: It can't (exit 3).
        """
        model = self._client.meta.service_model
        known: set[str] = set()
        for name in ("ImageScanFindings", "EnhancedImageScanFinding"):
            if name in model.shape_names:
                known.update(model.shape_for(name).members)
        missing = sorted({"findings", "enhancedFindings", "fixAvailable"} - known)
        if missing:
            raise StepError(
                f"this botocore doesn't know {' and '.join(missing)} in ECR's answers, so that "
                "findings would get lost",
                exit=Exit.FAILED,
                hint="pip install --upgrade botocore; and check AWS_DATA_PATH",
            )

    def scan(self, digest: str) -> Scan | None:
        """Return what ECR says about an image's scan, all pages of it; None where it knows none.

        Raises:
            StepError: The image or its repository went away (exit 2), or the scan changes faster
                than it can be read (exit 75).
        """
        for _ in range(_READINGS):
            pages = list(self._pages(digest))
            if not pages:
                return None
            if all(_agree(pages[0], page) for page in pages):
                return _joined(pages)
        raise StepError(
            f"can't read the scan of '{self._repository}@{digest}': it changes while it is read",
            exit=Exit.TEMPORARY,
            hint="run the step again",
        )

    def start(self, digest: str) -> Start:
        """Ask ECR to scan an image now.

        Raises:
            StepError: It isn't an image that ECR could scan (exit 3).
        """
        with translated(
            f"start a scan of '{self._repository}@{digest}'", action="ecr:StartImageScan"
        ):
            try:
                self._client.start_image_scan(**self._place, imageId={"imageDigest": digest})
            except self._client.exceptions.ClientError as error:
                code = error_code(error)
                if code == "LimitExceededException":
                    return Start.ALREADY
                if code == "ValidationException" and "disabled" in str(error).lower():
                    return Start.ENHANCED
                if code in {"UnsupportedImageTypeException", "ImageArchivedException"}:
                    raise self._unscannable(error, digest) from error
                self._raise_if_gone(error, digest)
                raise
        return Start.STARTED

    def scan_type(self) -> tuple[str, str | None]:
        """Return the caller's own account and its registry's scan type, BASIC or ENHANCED."""
        with translated(
            "read how the registry scans", action="ecr:GetRegistryScanningConfiguration"
        ):
            reply = self._client.get_registry_scanning_configuration()
        configuration = reply.get("scanningConfiguration") or {}
        return reply.get("registryId") or "", configuration.get("scanType")

    def frequency(self) -> str | None:
        """Return how often the repository is scanned; of the caller's own account alone."""
        with translated(
            f"read how the repository '{self._repository}' is scanned",
            action="ecr:BatchGetRepositoryScanningConfiguration",
        ):
            reply = self._client.batch_get_repository_scanning_configuration(
                repositoryNames=[self._repository]
            )
        for found in reply.get("scanningConfigurations") or ():
            frequency: str | None = found.get("scanFrequency")
            return frequency
        return None

    def _pages(self, digest: str) -> Iterator[Scan]:
        seen: set[str] = set()
        token: str | None = ""
        while token is not None:
            page = self._page(digest, token)
            if page is None:
                if token:
                    yield Scan(status="gone between two pages")
                return
            yield page.scan
            token = page.next_token
            if token in seen:
                raise StepError(
                    f"can't read the scan of '{self._repository}@{digest}': ECR gives the same "
                    "page again and again",
                    exit=Exit.TEMPORARY,
                    hint="run the step again",
                )
            seen.add(token or "")

    def _page(self, digest: str, token: str) -> _Page | None:
        with translated(
            f"read the scan of '{self._repository}@{digest}'",
            action="ecr:DescribeImageScanFindings",
        ):
            try:
                reply = self._client.describe_image_scan_findings(
                    **self._place,
                    imageId={"imageDigest": digest},
                    maxResults=_PAGE,
                    **({"nextToken": token} if token else {}),
                )
            except self._client.exceptions.ClientError as error:
                if error_code(error) == "ScanNotFoundException":
                    return None
                self._raise_if_gone(error, digest)
                raise
        return _Page(scan=scan_from(reply), next_token=reply.get("nextToken") or None)

    def _raise_if_gone(self, error: Exception, digest: str) -> None:
        region = self._client.meta.region_name
        code = error_code(error)
        if code == "RepositoryNotFoundException":
            raise no_repository(self._repository, region=region) from error
        if code == "ImageNotFoundException":
            account = self._place.get("registryId", "")
            place = Place(repository=self._repository, region=region, account=account)
            raise StepError(
                f"there is no image '{self._repository}@{digest}'",
                exit=Exit.USAGE,
                hint=place.in_repository("list-images"),
            ) from error

    def _unscannable(self, error: Any, digest: str) -> StepError:
        words = error.response.get("Error", {}).get("Message", "")
        return StepError(
            f"ECR can't scan '{self._repository}@{digest}': {words}",
            exit=Exit.FAILED,
            hint="gate an image that ECR can scan, and restore an archived one first",
        )


def _agree(one: Scan, other: Scan) -> bool:
    """Whether two pages are about the same result."""
    if one.has_findings and other.has_findings:
        return (one.status, one.completed_at) == (other.status, other.completed_at)
    return one.status == other.status


def _joined(pages: list[Scan]) -> Scan:
    """Return one scan of all pages; what isn't a list stands on each page alike."""
    listed: Counter[str] = Counter()
    for page in pages:
        listed.update(page.listed)
    first = next((page for page in pages if page.has_findings), pages[0])
    return first.replaced(
        findings=tuple(found for page in pages for found in page.findings),
        listed=listed,
        changed_at=max(page.changed_at for page in pages),
    )
