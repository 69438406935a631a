"""Who logs in to Docker Hub."""

import json

from ecsstep.secret import Secret
from ecsstep.value import Value

_USER_KEYS = ("username", "user")
# The second is what ECR's pull-through cache keeps in Secrets Manager.
_PASSWORD_KEYS = ("password", "accessToken", "token")


class HubAccount(Value):
    """A user of Docker Hub, with the password that belongs to this user if one is given."""

    user: str
    password: Secret | None


def hub_account(
    *,
    user: str | None,
    token: Secret | None,
    second_user: str | None,
    second_password: Secret | None,
) -> HubAccount | None:
    """Return who logs in to Docker Hub, or None without a user.

    There are two pairs of variables (``DOCKERHUB_USER`` with ``DOCKERHUB_TOKEN``, ``DOCKER_USER``
    with ``DOCKER_PASSWORD``): a user never gets the other pair's password where both have a user.
    """
    if user and token:
        return HubAccount(user=user, password=token)
    if second_user and second_password and user in (None, second_user):
        return HubAccount(user=second_user, password=second_password)
    if user:
        return HubAccount(user=user, password=None if second_user else second_password)
    if second_user:
        return HubAccount(user=second_user, password=token)
    return None


def hub_secret(held: Secret) -> HubAccount:
    """Return what a secret store holds for Docker Hub; the user is empty where it names none.

    Args:
        held: The password itself, or an object such as ``{"username": …, "password": …}``.

    Raises:
        ValueError: It begins like JSON and is no object with a password: hardly a password itself.
    """
    if held.reveal().lstrip()[:1] not in ("{", "["):
        return HubAccount(user="", password=held)
    try:
        found = json.loads(held.reveal())
    except (ValueError, RecursionError) as error:
        raise ValueError("begins like JSON and is none") from error
    if not isinstance(found, dict):
        raise ValueError("holds a list where an object is wanted")  # noqa: TRY004 - of AWS's text
    user = next((found[key] for key in _USER_KEYS if isinstance(found.get(key), str)), "")
    passwords = (found[key] for key in _PASSWORD_KEYS if isinstance(found.get(key), str))
    password = next(filter(None, passwords), None)
    if password is None:
        raise ValueError("holds an object without 'password' or 'accessToken'")
    return HubAccount(user=user, password=Secret(password))
