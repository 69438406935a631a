"""An option is declared once: flag, variables, parser, default and help.

The parser, the help text, the README's tables, the templates' inputs and the drift tests all read
that declaration. A step's options are a frozen value whose parts are made by :meth:`Option.field`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from ecsstep.core.identity import region, role_arn
from ecsstep.core.output import compiled
from ecsstep.core.values import file, one_of, record_wish
from ecsstep.secret import Secret
from ecsstep.value import Value

PREFIX = "ECSSTEP_"
LONGEST_ARN = 360
"""More characters than the ARN of a task or of a task definition has, whatever their names."""


class Option(Value):
    """One thing that a step can be told.

    Attributes:
        flag: ``--cluster``, a positional's name (``IMAGE``), or nothing for a value that only
            variables may carry (a secret, or what only a platform knows).
        help: What it is, for people; the default and the variables are added to it.
        parse: Makes the value; a ValueError is a mistake of the user.
        metavar: How the value is called in the help text.
        variable: The variable's name, where it isn't ``ECSSTEP_`` and the flag's name.
        aliases: Further variables in their order: the articles', then the platforms' own.
        default: The value when nothing is given; text is parsed like the user's.
        required: Nothing given is a mistake.
        repeatable: May be given several times; its variable has one value a line.
        is_switch: Takes no value; ``--no-…`` turns it off again.
        is_rest: Everything after ``--``, word for word: a command line of somebody else's.
        secret: Never in argv; the value becomes a Secret.
        sets: ``environment`` or ``reference`` where it is ``NAME=VALUE`` for a container, whose
            value belongs into no record.
        is_late: Whether what an alias says is judged where it is used: a platform may set it for
            others, and a step that doesn't need it isn't to fail by it.
        has_lines: Whether its value may hold line breaks and the like, as text of others may.
    """

    flag: str = ""
    help: str
    parse: Callable[[str], Any] = str
    metavar: str = ""
    variable: str | None = None
    aliases: tuple[str, ...] = ()
    default: Any = None
    required: bool = False
    repeatable: bool = False
    is_switch: bool = False
    is_rest: bool = False
    secret: bool = False
    sets: str = ""
    is_late: bool = False
    has_lines: bool = False

    def field(self, **changes: Any) -> Any:
        """Declare a part of :class:`Options`, with some of the option changed for one step."""
        return self.replaced(**changes)

    @property
    def value(self) -> Any:
        """What the option is when nothing is given."""
        if self.repeatable and self.default is None:
            return ()
        return self.parse(self.default) if isinstance(self.default, str) else self.default

    @property
    def is_positional(self) -> bool:
        """Whether it is given by its place."""
        return bool(self.flag) and not self.flag.startswith("-")

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that carry it, the first one found wins."""
        own = self.variable
        if own is None and self.flag:
            own = PREFIX + self.flag.lstrip("-").upper().replace("-", "_")
        return (*((own,) if own else ()), *self.aliases)

    @property
    def name(self) -> str:
        """How a message names it: its flag, else its first variable."""
        return self.flag or self.variables[0]


REGION = Option(
    flag="--region",
    help="AWS region",
    metavar="REGION",
    parse=region,
    is_late=True,
    aliases=("AWS_DEFAULT_REGION", "AWS_REGION"),
)
ROLE_ARN = Option(
    flag="--role-arn",
    help="IAM role to assume; by web identity where there is an OIDC token",
    metavar="ARN",
    parse=role_arn,
    is_late=True,
    aliases=("AWS_ROLE_ARN",),
)
ID_TOKEN = Option(
    help="OIDC token to assume the role with",
    variable="ECSSTEP_ID_TOKEN",
    aliases=("GITLAB_OIDC_TOKEN",),
    secret=True,
)
DOTENV = Option(
    flag="--dotenv",
    help="merge the values that later steps read into this file",
    metavar="FILE",
    parse=file,
)
ANNOTATIONS = Option(
    flag="--annotations",
    help="add links to AWS's console to this file, for the job's page in GitLab",
    metavar="FILE",
    parse=file,
)
FORMAT = Option(
    flag="--format",
    help="form of the result on stdout: text or json",
    metavar="FORM",
    parse=one_of("text", "json"),
    default="text",
)
QUERY = Option(
    flag="--query",
    help="JMESPath expression to apply to the JSON result",
    metavar="EXPR",
    parse=compiled,
    has_lines=True,
)
LOG_FORMAT = Option(
    flag="--log-format",
    help="form of the events on stderr: text or json",
    metavar="FORM",
    parse=one_of("text", "json"),
    default="text",
)
RECORD = Option(
    flag="--record",
    help="write the record of this run, for ecsstep replay, to this file; always or never; without "
    "it a run that fails writes one into .ecsstep/",
    metavar="FILE",
    parse=record_wish,
)
DRY_RUN = Option(
    flag="--dry-run",
    help="do all reads and checks, print what would be done, change nothing",
    is_switch=True,
    default=False,
)
CLUSTER = Option(flag="--cluster", help="ECS cluster", metavar="NAME", aliases=("ECS_CLUSTER",))
SERVICE = Option(flag="--service", help="ECS service", metavar="NAME", aliases=("ECS_SERVICE",))
COMMIT_TAG = Option(help="Git tag, from GitLab", variable="CI_COMMIT_TAG")
WEBHOOK_TRIGGER = Option(
    help="what started the build, from CodeBuild", variable="CODEBUILD_WEBHOOK_TRIGGER"
)
COMMIT = Option(
    help="commit's id, from GitLab or CodeBuild",
    variable="CI_COMMIT_SHA",
    aliases=("CODEBUILD_RESOLVED_SOURCE_VERSION",),
)
IMAGE_VARIABLE = "ECSSTEP_IMAGE"


class _Declared(Value):
    """A value whose parts are declared as options."""

    _options: ClassVar[Mapping[str, Option]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: each for name, each in vars(cls).items() if isinstance(each, Option)}
        cls._options = {**cls._options, **own}
        for name, option in own.items():
            if option.required:
                delattr(cls, name)
            else:
                setattr(cls, name, option.value)
        super().__init_subclass__()


class Options(_Declared):
    """What every step can be told. Steps extend it.

    Attributes:
        by_flag: The names of the fields that were given on the command line.
    """

    region: str | None = REGION.field()
    role_arn: str | None = ROLE_ARN.field()
    id_token: Secret | None = ID_TOKEN.field()
    dotenv: str | None = DOTENV.field()
    annotations: str | None = ANNOTATIONS.field()
    format: str = FORMAT.field()
    query: str | None = QUERY.field()
    log_format: str = LOG_FORMAT.field()
    record: str | None = RECORD.field()
    by_flag: frozenset[str] = frozenset()

    is_dotenv_read: ClassVar[bool] = False
    """Whether the step only reads the dotenv file, so that what stands in it is its own matter."""

    hands_on: ClassVar[Mapping[str, int]] = {}
    """The variables that the step writes to the dotenv file after it has changed something, with
    the length of their longest values, so that a full file is told before."""

    shared: ClassVar[tuple[str, ...]] = (
        "region", "role_arn", "id_token", "dotenv", "annotations", "format", "query",
        "log_format", "record",
    )  # fmt: skip

    @classmethod
    def declared(cls) -> dict[str, Option]:
        """Return this class's options by field name, its own before the shared ones."""
        own = {name: each for name, each in cls._options.items() if name not in cls.shared}
        return own | {name: cls._options[name] for name in cls.shared}

    @classmethod
    def faults(cls, given: "Given") -> Iterator[str]:
        """Yield what is wrong between options; each option by itself is right already."""
        del given
        yield from ()


class Given(Value):
    """The values that could be read, when some others could not.

    Attributes:
        values: The values by field name; absent where nothing was given.
        by_flag: Which of them stood on the command line.
        wrong: The fields that were given but couldn't be read, or are missing.
    """

    values: Mapping[str, Any]
    by_flag: frozenset[str]
    wrong: frozenset[str]

    def has(self, *names: str) -> bool:
        """Whether one of these was given, readable or not."""
        return any(name in self.values or name in self.wrong for name in names)
