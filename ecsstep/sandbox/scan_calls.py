"""ECR's calls about scans."""

from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox.ecr_calls import Body, EcrCalls, Operation, image_id, paged
from ecsstep.sandbox.images import Images
from ecsstep.sandbox.scans import Scans, not_found

_LARGEST_PAGE = 100


class ScanCalls(EcrCalls):
    """One region's ECR, as far as scans go; its configuration is moto's."""

    def __init__(self, images: Images, scans: Scans, *, region: str) -> None:
        super().__init__(images, region=region)
        self._scans = scans
        self._backend = images.backend(region)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The calls by their names."""
        return {
            "StartImageScan": self._start_image_scan,
            "DescribeImageScanFindings": self._describe_image_scan_findings,
        }

    def _start_image_scan(self, body: Body) -> dict[str, Any]:
        repository = self.repository(body)
        image = self.one(repository, body["imageId"])
        self._scans.start(self._backend, image)
        return {
            **self.named(body),
            "imageId": image_id(image, body["imageId"].get("imageTag")),
            "imageScanStatus": {"status": "IN_PROGRESS"},
        }

    def _describe_image_scan_findings(self, body: Body) -> dict[str, Any]:
        self._scans.stumble()
        repository = self.repository(body)
        image = self.one(repository, body["imageId"])
        report = self._scans.report(self._backend, repository, image)
        if report is None:
            raise not_found(repository, body["imageId"], self.images.account)
        answer: dict[str, Any] = {
            **self.named(body),
            "imageId": image_id(image, body["imageId"].get("imageTag")),
            "imageScanStatus": {
                name: said
                for name, said in (("status", report.status), ("description", report.description))
                if said
            },
        }
        if report.is_finished:
            # No caller may count on a page as large as it asked for.
            asked = body.get("maxResults") or _LARGEST_PAGE
            body = {**body, "maxResults": min(asked, _LARGEST_PAGE)}
            page, answer["nextToken"] = paged(report.findings, body)
            answer["imageScanFindings"] = {**report.summary, report.member: page}
        return answer
