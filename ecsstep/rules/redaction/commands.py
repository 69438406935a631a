"""What is secret in a command line: of our own after ``--``, of a container, of a tool.

A secret that is given as a word of its own (``--password VALUE``, ``-u USER:PASSWORD``) has nothing
in itself that tells it; the word before it does.
"""

import re
import shlex
from collections.abc import Iterator, Sequence

from ecsstep.rules.redaction import places
from ecsstep.rules.redaction.hidden import Hidden, Pieces

_FLAG = re.compile(
    r"(?i)--?[\w.-]*?(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|auth|credentials?)"
)
_ENVIRONMENT = frozenset({"-e", "--env"})
_LOGIN = frozenset({"-u", "-U", "--user", "--creds", "--proxy-user"})
_VARIABLE = re.compile(r"[A-Za-z_][\w.-]*=\S+")
_A_NAME_ALONE = re.compile(r"[A-Z_][A-Z0-9_]*|")
# -p and something that is neither a port nor a word, whatever the program is.
_ATTACHED = re.compile(r"-p(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[^\s:=/]{6,}")
# Programs whose short flag is a password, and whether it may stand apart from its value.
_SHORT = (
    (re.compile(r"(?:.*/)?(?:mysql\w*|mariadb[\w-]*|sshpass)"), "-p", False),
    (re.compile(r"(?:.*/)?redis-cli"), "-a", True),
    (re.compile(r"login"), "-p", True),
)
_SHELL = re.compile(r"(?:.*/)?(?:ba|da|k|z|a)?sh")
_SCRIPT = re.compile(r"-[A-Za-z]*c")
_HEALTH = "CMD-SHELL"


def words(given: Sequence[str]) -> Iterator[str | Pieces]:
    """Yield the words of a command line, with what is secret in them marked."""
    before = ""
    short: tuple[str, bool] = ("", False)
    is_shell = False
    for each in given:
        flag, may_stand_apart = short
        if before == _HEALTH or (is_shell and _SCRIPT.fullmatch(before)):
            yield _script(each)
        elif flag and may_stand_apart and before == flag:
            yield Hidden(each, kind=places.PASSWORD)
        elif flag and not may_stand_apart and each.startswith(flag) and each != flag:
            yield Pieces((flag, Hidden(each.removeprefix(flag), kind=places.PASSWORD)))
        else:
            yield word(each, before)
        short = next((one[1:] for one in _SHORT if one[0].fullmatch(each)), short)
        is_shell = is_shell or _SHELL.fullmatch(each) is not None
        before = each


def _script(text: str) -> str | Pieces:
    """Return a shell's command line that is one word, marked as its own words are."""
    try:
        tokens = shlex.split(text)
    except ValueError:
        return text
    pieces, done, at = [], 0, 0
    for token, marked in zip(tokens, words(tokens), strict=True):
        found = text.find(token, at)
        hidden = [each for each in _parts(marked) if isinstance(each, Hidden)]
        if found < 0 and hidden:
            # It is written in another way than it reads, with quotes in its middle.
            return Hidden(text, kind=places.PASSWORD, is_strong=False)
        at = max(found, at)
        for each in _parts(marked) if found >= 0 else ():
            if isinstance(each, Hidden):
                pieces += [text[done:at], each]
                done = at + len(each)
            at += len(each)
    return Pieces((*pieces, text[done:])) if pieces else text


def _parts(marked: str | Pieces) -> Sequence[str]:
    return marked if isinstance(marked, Pieces) else (marked,)


def word(each: str, before: str) -> str | Pieces:
    """Return one word of a command line, marked.

    Args:
        each: The word.
        before: The word before it.
    """
    flag, equals, rest = each.partition("=")
    if _FLAG.fullmatch(before) and not each.startswith("-"):
        return Hidden(each, kind=places.PASSWORD)
    if before in _ENVIRONMENT:
        return setting(each, places.VARIABLE) if equals else each
    if _ATTACHED.fullmatch(each):
        return Pieces((each[:2], Hidden(each[2:], kind=places.PASSWORD)))
    user, colon, password = each.partition(":")
    # --user 1000:1000 and www-data:www-data are a user and its group.
    if before in _LOGIN and password not in {"", user} and not password.isdecimal():
        return Pieces((user, colon, Hidden(password, kind=places.PASSWORD, is_strong=False)))
    if not equals or not rest:
        return each
    if flag in _ENVIRONMENT:
        return Pieces((flag, equals, *setting(rest, places.VARIABLE)))
    is_variable = _VARIABLE.fullmatch(each) and places.is_secret_variable(flag)
    if _FLAG.fullmatch(flag) or is_variable:
        return Pieces((flag, equals, Hidden(rest, kind=places.PASSWORD)))
    return each


def setting(text: str, kind: str) -> Pieces:
    """Return ``[CONTAINER:]NAME=VALUE`` with its value marked.

    What has no ``=`` is a mistake, and then it may well be the value that stands there alone.
    """
    head, equals, value = text.partition("=")
    if not equals:
        return Pieces((text,) if _A_NAME_ALONE.fullmatch(text) else (Hidden(text, kind=kind),))
    name = head.rpartition(":")[2]
    strong = kind != places.VARIABLE or places.is_secret_variable(name)
    return Pieces((head, equals, Hidden(value, kind=kind, is_strong=strong)))
