"""The sandbox, with ten thousand findings in every image."""

import dataclasses
import sys

from ecsstep.cli import main
from ecsstep.sandbox import courses, findings

COUNT = 10_000


def many(subject: findings.Subject) -> tuple[dict[str, object], ...]:
    """Return the sandbox's findings again and again, each under a name of its own."""
    some = findings.basic_findings(subject)
    return tuple(
        {**some[number % len(some)], "name": f"CVE-2024-{number:06}"} for number in range(COUNT)
    )


if __name__ == "__main__":
    known = dict(courses.COURSES)
    courses.COURSES = known | {
        name: dataclasses.replace(course, finds=many) for name, course in known.items()
    }
    sys.exit(main(["sandbox", *sys.argv[1:]]))
