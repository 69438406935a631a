"""What the load balancer's health checks see, in Elastic Load Balancing's XML."""

import uuid
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

OPERATION = "elasticloadbalancing:DescribeTargetHealth"
_SPACE = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"


def health(words: str) -> Response:
    """Return the answer to DescribeTargetHealth: one sick target, or none without words."""
    sick = (
        "<member><Target><Id>10.0.1.23</Id><Port>8080</Port></Target><TargetHealth>"
        "<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason>"
        f"<Description>{escape(words)}</Description></TargetHealth></member>"
    )
    text = (
        f'<DescribeTargetHealthResponse xmlns="{_SPACE}"><DescribeTargetHealthResult>'
        f"<TargetHealthDescriptions>{sick if words else ''}</TargetHealthDescriptions>"
        "</DescribeTargetHealthResult><ResponseMetadata>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></DescribeTargetHealthResponse>"
    )
    return Response(text, content_type="text/xml")
