"""Package URLs, and the findings of ECR that they are about.

https://github.com/package-url/purl-spec
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from ecsstep.rules.exceptions import Exemption
from ecsstep.text import printable

_PURL = re.compile(
    r"pkg:(?P<type>[A-Za-z][A-Za-z0-9.+-]*)/(?P<path>[^@?#]+)(?:@(?P<version>[^?#]+))?"
    r"(?P<rest>[?#].*)?"
)
_SYSTEM, _JAVA = frozenset({"OS"}), frozenset({"JAR", "POM"})
# https://docs.aws.amazon.com/inspector/v2/APIReference/API_VulnerablePackage.html
_MANAGERS: Mapping[str, frozenset[str]] = {
    "deb": _SYSTEM,
    "rpm": _SYSTEM,
    "apk": _SYSTEM,
    "npm": frozenset({"NPM", "YARN", "NODEPKG"}),
    "pypi": frozenset({"PIP", "PIPENV", "POETRY", "PYTHONPKG"}),
    "maven": _JAVA,
    "golang": frozenset({"GOMOD", "GOBINARY"}),
    "gem": frozenset({"BUNDLER", "GEMSPEC"}),
    "cargo": frozenset({"CARGO"}),
    "composer": frozenset({"COMPOSER"}),
    "nuget": frozenset({"NUGET", "DOTNET_CORE"}),
}


class SkippedError(Exception):
    """An entry that can't be judged by what ECR says."""


def for_package(purl: str, entry: Exemption) -> Exemption:
    """Return an exception narrowed to the package that a package URL names.

    Raises:
        ValueError: It is no package URL.
        SkippedError: ECR's findings can't tell what it names.
    """
    found = _PURL.fullmatch(purl)
    parts = [unquote(part) for part in found["path"].split("/")] if found else []
    if found is None or not all(parts):
        raise ValueError(f"'{printable(purl)}' is no package URL")
    version = unquote(found["version"] or "")
    if any("*" in part for part in (*parts, version)):
        raise SkippedError(f"the package URL '{printable(purl)}' holds a '*'")
    if found["rest"]:
        raise SkippedError(
            f"what follows '{printable(found['rest'][0])}' in the package URL "
            f"'{printable(purl)}' can't be told by ECR's findings"
        )
    managers = _MANAGERS.get(found["type"].lower())
    if managers is None:
        raise SkippedError(
            f"the package URL's type '{printable(found['type'])}' can't be told by ECR's findings"
        )
    *namespace, name = parts
    narrowed = entry.replaced(managers=managers, version=version)
    if managers is _SYSTEM:
        # The namespace of a system's package is the system.
        return narrowed.replaced(package=name, system="/".join(namespace).lower())
    return narrowed.replaced(package=(":" if managers is _JAVA else "/").join(parts))
