"""ECR's calls about layers: the way of a push without the registry's own protocol."""

import base64
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.blobs import DigestInvalidError, Upload
from ecsstep.sandbox.ecr_calls import Body, EcrCalls, Operation

_PART_SIZE = 10 << 20
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class LayerCalls(EcrCalls):
    """One region's ECR, as far as layers go."""

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The calls by their names."""
        return {
            "BatchCheckLayerAvailability": self._batch_check_layer_availability,
            "InitiateLayerUpload": self._initiate_layer_upload,
            "UploadLayerPart": self._upload_layer_part,
            "CompleteLayerUpload": self._complete_layer_upload,
        }

    def _batch_check_layer_availability(self, body: Body) -> dict[str, Any]:
        held = self.repository(body).layers
        digests = body["layerDigests"]
        return {
            "layers": [
                {
                    "layerDigest": digest,
                    "layerAvailability": "AVAILABLE",
                    "layerSize": held[digest],
                    "mediaType": _LAYER,
                }
                for digest in digests
                if digest in held
            ],
            "failures": [
                {
                    "layerDigest": digest,
                    "failureCode": "MissingLayerDigest",
                    "failureReason": f"Layer with digest '{digest}' not found",
                }
                for digest in digests
                if digest not in held
            ],
        }

    def _initiate_layer_upload(self, body: Body) -> dict[str, Any]:
        upload = self.images.blobs.begin(self.repository(body).name)
        return {"uploadId": upload.id, "partSize": _PART_SIZE}

    def _upload_layer_part(self, body: Body) -> dict[str, Any]:
        upload = self._upload(body)
        if body["partFirstByte"] != upload.size:
            raise ApiError(
                "InvalidLayerPartException",
                f"The part begins at byte {body['partFirstByte']}, not at {upload.size}",
            )
        upload.append(BytesIO(base64.b64decode(body["layerPartBlob"])))
        return {**self.named(body), "uploadId": upload.id, "lastByteReceived": upload.size - 1}

    def _complete_layer_upload(self, body: Body) -> dict[str, Any]:
        repository, upload = self.repository(body), self._upload(body)
        digest = body["layerDigests"][0]
        try:
            repository.layers[digest] = self.images.blobs.finish(upload, digest)
        except DigestInvalidError as error:
            raise ApiError("InvalidLayerException", str(error)) from error
        return {**self.named(body), "uploadId": upload.id, "layerDigest": digest}

    def _upload(self, body: Body) -> Upload:
        found = self.images.blobs.upload(self.repository(body).name, body["uploadId"])
        if found is None:
            raise ApiError(
                "UploadNotFoundException",
                f"The upload '{body['uploadId']}' does not exist in the repository with name "
                f"'{body['repositoryName']}' in the registry with id '{self.images.account}'",
            )
        return found
