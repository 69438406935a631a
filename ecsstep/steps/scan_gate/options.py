"""What scan-gate can be told."""

import posixpath
from collections.abc import Iterator
from functools import partial

from ecsstep.core.options import Given, Option, Options
from ecsstep.core.output import compiled
from ecsstep.core.shared import INTERVAL, TIMEOUT
from ecsstep.core.values import one_of, positive_duration
from ecsstep.rules.findings import DEFAULT_LIMITS, Policy, parse_limit
from ecsstep.rules.image import Reference, ecr_host, is_loopback, parse_reference
from ecsstep.rules.judged import parse_condition
from ecsstep.rules.report_forms import GATE, parse_report
from ecsstep.rules.reports import parse_anchor
from ecsstep.rules.scans import Terms
from ecsstep.steps.scan_gate.naming import named


def _condition(text: str) -> str:
    return parse_condition(compiled(text))


class GateOptions(Options):
    """What scan-gate can be told."""

    image: Reference | None = Option(
        flag="IMAGE",
        help="the image in ECR, by digest or by tag: HOST/REPOSITORY@DIGEST, or "
        "REPOSITORY:TAG in the caller's own registry; without it as the variables below say",
        parse=parse_reference,
    ).field()
    registry: str | None = Option(
        help="registry of the image, where IMAGE is not given", variable="ECR_REGISTRY"
    ).field()
    repository: str | None = Option(
        help="repository of the image, where IMAGE is not given",
        variable="ECR_REPOSITORY",
        aliases=("IMAGE_REPO_NAME",),
    ).field()
    tag: str | None = Option(
        help="tag of the image, where IMAGE is not given", variable="IMAGE_TAG"
    ).field()
    limits: tuple[tuple[str, int], ...] = Option(
        flag="--max",
        help="the most findings of a severity that are let through; CRITICAL and HIGH have 0 by "
        "default, the others no limit",
        metavar="SEVERITY=N",
        parse=parse_limit,
        repeatable=True,
    ).field()
    fixable_only: bool = Option(
        flag="--fixable-only",
        help="let findings through that have no fix; one without fix data counts (basic scanning "
        "has none at all)",
        is_switch=True,
        default=False,
    ).field()
    fail_when: str | None = Option(
        flag="--fail-when",
        help="JMESPath condition over the JSON result that refuses the image as well: "
        "counts.MEDIUM > `10`",
        metavar="EXPR",
        parse=_condition,
        has_lines=True,
    ).field()
    platform: tuple[str, ...] = Option(
        flag="--platform",
        help="platform to judge of an image for several, as in linux/arm64; by default all",
        metavar="OS/ARCH",
        repeatable=True,
    ).field()
    ignore_file: tuple[str, ...] = Option(
        flag="--ignore-file",
        help="file of exceptions; by default .scan-gate.toml (or .yaml) where there is one",
        metavar="FILE",
        repeatable=True,
    ).field()
    report: tuple[tuple[str, str], ...] = Option(
        flag="--report",
        help="report to write: json, gitlab (container scanning), codequality, junit, sarif or "
        "markdown; a FILE in .json, .xml (JUnit), .sarif or .md says its form by itself",
        metavar="[FORMAT=]FILE",
        parse=partial(parse_report, step=GATE),
        repeatable=True,
    ).field()
    dockerfile: str = Option(
        flag="--dockerfile",
        help="file of the project at which reports show the findings",
        metavar="FILE",
        parse=parse_anchor,
        default="Dockerfile",
    ).field()
    start: str = Option(
        flag="--start",
        help="whether to start a scan where basic scanning has none",
        metavar="WHEN",
        parse=one_of("auto", "never"),
        default="auto",
    ).field()
    timeout: float = TIMEOUT.field(help="how long to wait for the scan at most", default="15m")
    interval: float = INTERVAL.field()
    settle: float = Option(
        flag="--settle",
        help="how long the result of enhanced scanning has to stay the same, an empty one for "
        "twice as long",
        metavar="TIME",
        parse=positive_duration,
        default="3m",
    ).field()
    grace: float = Option(
        flag="--grace",
        help="after what time a scan that hasn't shown up is taken for none",
        metavar="TIME",
        parse=positive_duration,
        default="5m",
    ).field()
    max_age: float = Option(
        flag="--max-age",
        help="how old a scan may be that AWS doesn't keep up to date; basic scanning starts a new "
        "one where it is older",
        metavar="TIME",
        parse=positive_duration,
        default="720h",
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between options."""
        yield from super().faults(given)
        try:
            image = named(given.values)
        except ValueError as error:
            yield str(error)
            image = None
        if image is None and "image" not in given.wrong:
            yield (
                "IMAGE is missing: give IMAGE or ECSSTEP_IMAGE, or ECR_REPOSITORY (or "
                "IMAGE_REPO_NAME) and IMAGE_TAG"
            )
        if image and not (image.tag or image.digest):
            yield f"IMAGE: '{image}' has neither tag nor digest; which of its images is meant?"
        host = image.registry if image else ""
        if host and not ecr_host(host) and not is_loopback(host):
            yield f"IMAGE: '{host}' is no private registry of Amazon ECR"
        limits = dict.fromkeys(given.values.get("limits", ()))
        names = [severity for severity, _ in limits]
        for severity in dict.fromkeys(name for name in names if names.count(name) > 1):
            yield f"--max: {severity} is given twice with different numbers"
        paths = [posixpath.normpath(path) for _, path in given.values.get("report", ())]
        for path in dict.fromkeys(path for path in paths if paths.count(path) > 1):
            yield f"--report: two reports are to go into '{path}'"
        read = _exception_files(given) if paths else ()
        for path in dict.fromkeys(path for path in paths if path in read):
            yield f"--report: '{path}' is a file of exceptions, which would be written over"

    @property
    def subject(self) -> Reference:
        """The image that is meant."""
        found = named(vars(self))
        if found is None:
            raise ValueError("no image was given")
        return found

    @property
    def policy(self) -> Policy:
        """What is allowed."""
        return Policy(
            limits={**DEFAULT_LIMITS, **dict(self.limits)},
            fixable_only=self.fixable_only,
            condition=self.fail_when or "",
        )

    @property
    def terms(self) -> Terms:
        """How long to wait for what."""
        return Terms(
            start=self.start == "auto",
            settle=self.settle,
            grace=self.grace,
            max_age=self.max_age,
        )


def _exception_files(given: Given) -> frozenset[str]:
    from ecsstep.rules.exception_files import DEFAULT_FILES  # it brings TOML's parser

    named = map(posixpath.normpath, given.values.get("ignore_file", ()))
    return frozenset((*named, *DEFAULT_FILES))
