"""Whether a repository of ECR lets a tag move.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

import re

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


def _fits(wildcard: str, tag: str) -> bool:
    form = ".*".join(re.escape(part) for part in wildcard.split("*"))
    return re.fullmatch(form, tag) is not None
