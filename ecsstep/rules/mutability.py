"""Whether a repository of ECR lets a tag move.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

import re
from collections.abc import Iterable

from ecsstep.value import Value

IMMUTABLE = "IMMUTABLE"
EXCEPT_IMMUTABLE = "IMMUTABLE_WITH_EXCLUSION"
MOST_FILTERS = 5
"""How many exclusion filters ECR keeps for a repository."""


class Mutability(Value):
    """A repository's setting.

    Attributes:
        setting: ``MUTABLE``, ``IMMUTABLE``, or one of them with exclusions.
        filters: What the exclusions say; ``*`` stands for any characters.
    """

    setting: str
    filters: tuple[str, ...] = ()

    def lets_move(self, tag: str) -> bool:
        """Whether a tag that names another image may be put."""
        is_excluded = any(_fits(each, tag) for each in self.filters)
        match self.setting:
            case "IMMUTABLE":
                return False
            case "IMMUTABLE_WITH_EXCLUSION":
                return is_excluded
            case "MUTABLE_WITH_EXCLUSION":
                return not is_excluded
            case _:
                # Also what a later ECR calls by a name of its own: the push itself finds out.
                return True

    def letting(self, tags: Iterable[str]) -> "Mutability | None":
        """Return the setting that lets these tags move and changes nothing else.

        None where ECR hasn't room for as many exclusion filters.
        """
        tags = tuple(tag for tag in tags if not self.lets_move(tag))
        if self.setting == "MUTABLE_WITH_EXCLUSION":
            left = tuple(each for each in self.filters if not any(_fits(each, tag) for tag in tags))
            return Mutability(setting=self.setting if left else "MUTABLE", filters=left)
        filters = tuple(dict.fromkeys((*self.filters, *tags)))
        if len(filters) > MOST_FILTERS:
            return None
        return Mutability(setting=EXCEPT_IMMUTABLE, filters=filters)


def _fits(wildcard: str, tag: str) -> bool:
    form = ".*".join(re.escape(part) for part in wildcard.split("*"))
    return re.fullmatch(form, tag) is not None
