"""What matters in the answers of AWS's services other than ECS."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.record import gist_ecs
from ecsstep.rules.record.fact import Fact
from ecsstep.rules.record.loose import joined, members, part, size, word
from ecsstep.text import in_a_line

_REFUSAL = 300
_WORDS = 300
_ELEMENT = re.compile(
    r"<(Account|Arn|Code|Message|State|Status|Id|MessageId|Reason|Description|Expiration)>"
    r"([^<]{1,1000})</\1>"
)
_SHOWN = 12


def facts(question: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield what an answer of AWS tells."""
    if "broken" in answer:
        said = joined(word(answer, "broken", "type"), word(answer, "broken", "said"), by=": ")
        yield Fact(subject="no answer", says=said, is_strong=True)
        return
    raw = answer.get("body", b"")
    raw = raw if isinstance(raw, bytes) else b""
    status = answer.get("status")
    found = _document(raw)
    if isinstance(status, int) and status >= _REFUSAL:
        yield Fact(subject=f"refused, {status}", says=_refusal(found, raw), is_strong=True)
        return
    gist = GISTS.get((str(question.get("service", "")), str(question.get("operation", ""))))
    asked = question.get("parameters")
    told = list(gist(asked if isinstance(asked, Mapping) else {}, found)) if gist else []
    yield from told or _any(raw, status, found)


def _document(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _elements(raw: bytes) -> list[tuple[str, str]]:
    """Return the elements of an answer in XML that tell something."""
    text = raw.decode(errors="replace")
    return [(name, in_a_line(value, _WORDS)) for name, value in _ELEMENT.findall(text)]


def _refusal(found: Any, raw: bytes) -> str:
    if isinstance(found, Mapping):
        code = word(found, "__type") or word(found, "code") or word(found, "Code")
        words = word(found, "message") or word(found, "Message")
        return joined(code.rpartition("#")[2], words, by=": ")
    elements = dict(reversed(_elements(raw)))
    return joined(elements.get("Code", ""), elements.get("Message", ""), by=": ")


def _any(raw: bytes, status: Any, found: Any) -> Iterator[Fact]:
    if not isinstance(found, Mapping):
        for name, value in _elements(raw)[:_SHOWN]:
            yield Fact(subject=name, says=value)
    yield Fact(
        subject="", says=f"answered {status if isinstance(status, int) else '?'}, {len(raw)} bytes"
    )


def _scan(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    status = word(found, "imageScanStatus", "status")
    counts = part(found, "imageScanFindings", "findingSeverityCounts")
    counted = [f"{word(counts, name)} {name}" for name in counts] if counts else ["no findings"]
    listed = size(found, "imageScanFindings", "findings")
    listed += size(found, "imageScanFindings", "enhancedFindings")
    yield Fact(
        subject="scan",
        says=joined(
            status, word(found, "imageScanStatus", "description"), *map(str, counted),
            f"{listed} listed here", "more on the next page" if part(found, "nextToken") else "",
        ),
        is_strong=bool(counts) or status in {"FAILED", "UNSUPPORTED_IMAGE"},
    )  # fmt: skip


def _start_scan(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    yield Fact(subject="scan", says=word(found, "imageScanStatus", "status") or "asked for")


def _images(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    for each in members(found, "images"):
        name = joined(word(each, "repositoryName"), word(each, "imageId", "imageTag"), by=":")
        digest = word(each, "imageId", "imageDigest")
        yield Fact(
            subject=f"image {name}", says=joined(digest, word(each, "imageManifestMediaType"))
        )
    for each in members(found, "failures"):
        name = joined(
            *(word(each, "imageId", name) for name in ("imageTag", "imageDigest")), by=" "
        )
        said = joined(word(each, "failureCode"), word(each, "failureReason"), by=": ")
        yield Fact(subject=f"failure {name}", says=said, is_strong=True)


def _token(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    listed = part(found, "authorizationData")
    for each in [listed] if isinstance(listed, Mapping) else members(found, "authorizationData"):
        until = gist_ecs.time_of_day(part(each, "expiresAt"))
        says = joined("taken out of the record", f"good until {until}" if until else "")
        yield Fact(subject=f"token for {word(each, 'proxyEndpoint')}".removesuffix(" for "),
                   says=says)  # fmt: skip


def _repositories(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    made = part(found, "repository")
    for each in [made] if isinstance(made, Mapping) else members(found, "repositories"):
        yield Fact(
            subject=f"repository {word(each, 'repositoryName')}",
            says=joined(word(each, "imageTagMutability"), word(each, "repositoryUri")),
        )


def _scanning(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    kind = word(found, "scanningConfiguration", "scanType")
    if kind:
        yield Fact(subject="scanning of the registry", says=kind)
    for each in members(found, "scanningConfigurations"):
        yield Fact(
            subject=f"scanning of {word(each, 'repositoryName')}",
            says=joined(word(each, "scanFrequency"),
                        f"on push {word(each, 'scanOnPush')}" if part(each, "scanOnPush") else ""),
        )  # fmt: skip


def _log(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    lines = [word(each, "message") for each in members(found, "events")]
    last = next((line for line in reversed(lines) if line), "")
    yield Fact(subject="log lines", says=joined(str(len(lines)), f"last: {last}" if last else ""))


def _deployment(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    made = part(found, "deploymentInfo")
    status = word(made, "status")
    error = part(made, "errorInformation")
    name = word(made, "deploymentId") or word(found, "deploymentId")
    said = joined(status or "made", word(error, "code"), word(error, "message"))
    yield Fact(subject=f"deployment {name}", says=said, is_strong=status in {"Failed", "Stopped"})


def _targets(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    for each in members(found, "deploymentTargets"):
        target = part(each, "ecsTarget")
        yield Fact(subject=f"target {word(target, 'targetId')}", says=word(target, "status"))
        for event in members(target, "lifecycleEvents"):
            status = word(event, "status")
            said = joined(status, word(event, "diagnostics", "message"))
            yield Fact(subject=word(event, "lifecycleEventName"), says=said,
                       is_strong=status == "Failed")  # fmt: skip


def _group(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    for each in members(found, "deploymentGroupInfo", "ecsServices"):
        said = joined(word(each, "clusterName"), word(each, "serviceName"), by="/")
        yield Fact(subject="deployment group", says=f"for service {said}")


def _value(_asked: Mapping[str, Any], _found: Any) -> Iterator[Fact]:
    yield Fact(subject="", says="a value, which was taken out of the record")


_OTHERS = {
    ("ecr", "DescribeImageScanFindings"): _scan,
    ("ecr", "StartImageScan"): _start_scan,
    ("ecr", "BatchGetImage"): _images,
    ("ecr", "GetAuthorizationToken"): _token,
    ("ecr-public", "GetAuthorizationToken"): _token,
    ("ecr", "DescribeRepositories"): _repositories,
    ("ecr", "CreateRepository"): _repositories,
    ("ecr", "GetRegistryScanningConfiguration"): _scanning,
    ("ecr", "BatchGetRepositoryScanningConfiguration"): _scanning,
    ("logs", "GetLogEvents"): _log,
    ("codedeploy", "GetDeployment"): _deployment,
    ("codedeploy", "CreateDeployment"): _deployment,
    ("codedeploy", "BatchGetDeploymentTargets"): _targets,
    ("codedeploy", "GetDeploymentGroup"): _group,
    ("secretsmanager", "GetSecretValue"): _value,
    ("ssm", "GetParameter"): _value,
}
GISTS: Mapping[tuple[str, str], gist_ecs.Gist] = {
    **{("ecs", name): gist for name, gist in gist_ecs.GISTS.items()},
    **_OTHERS,
}
"""What matters, by service and operation."""
