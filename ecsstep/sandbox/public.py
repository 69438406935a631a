"""Amazon ECR Public, as far as a login goes; nothing can be pushed to it here."""

import base64
import datetime as dt

from werkzeug.wrappers import Response

from ecsstep.sandbox.calls import answered

OPERATION = "ecr-public:GetAuthorizationToken"
_LIFE = dt.timedelta(hours=12)


def authorization(now: dt.datetime) -> Response:
    """Return a token that is good for nothing."""
    token = base64.b64encode(b"AWS:of-the-sandbox").decode()
    expires = (now + _LIFE).timestamp()
    return answered({"authorizationData": {"authorizationToken": token, "expiresAt": expires}})
