"""Which account here belongs to which entry of the directory: by what stays the same when somebody is renamed.

Names are not enough: two entries can have names that are one name here, and a name may be given to somebody else.
"""

from datetime import datetime
from itertools import count

from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.entries import LONGEST_NAME, Entry, name_of
from compliance.models import DirectoryAccount, User

_LENGTHS = {"first_name": 150, "last_name": 150, "email": 254}
_ATTRIBUTES = {"first_name": "givenName", "last_name": "sn", "email": "mail"}


class NoAccount(Exception):
    """The entry can have no account here; the message says why."""


def account_of(entry: Entry, directory: Directory) -> tuple[User, bool]:
    """The account of this entry, or a new one that is not saved yet. Raises NoAccount."""
    identity = entry.identity(directory.id_attribute)
    linked = DirectoryAccount.objects.select_related("user").filter(entry_id=identity).first()
    if linked is not None:
        _refuse_local(linked.user)
        return linked.user, False
    name = name_of(entry, directory)
    if not name:
        raise NoAccount(f"the entry has no {directory.name_attribute} that can be the name of an account")
    same = User.objects.select_related("directory_account").filter(username__iexact=name).first()
    if same is None:
        return User(username=name), True
    _refuse_local(same)
    other: DirectoryAccount | None = getattr(same, "directory_account", None)
    if other is None:  # made by a release that knew names only
        return same, False
    if other.left_at is None or same.is_active:
        raise NoAccount("another entry of the directory has this name here")
    return User(username=_free(name)), True


def keep(user: User, entry: Entry, directory: Directory, *, now: datetime) -> None:
    """Keep whose entry it is."""
    DirectoryAccount.objects.update_or_create(
        user=user, defaults={"entry_id": entry.identity(directory.id_attribute), "seen_at": now}
    )


def take_over(user: User, entry: Entry) -> None:
    """The names and the address that the directory has; the caller saves them."""
    for field, attribute in _ATTRIBUTES.items():
        value = entry.first(attribute).replace("\0", "")[: _LENGTHS[field]]
        if value or field != "email":
            setattr(user, field, value)


def _refuse_local(user: User) -> None:
    if user.has_usable_password() or user.is_superuser:
        raise NoAccount("a local account has this name")


def _free(name: str) -> str:
    """A name for somebody whose own belonged to somebody else who left: mia, then mia.2."""
    start = name[: LONGEST_NAME - 6]
    taken = set(User.objects.filter(username__istartswith=f"{start}.").values_list("username", flat=True))
    return next(each for number in count(2) if (each := f"{start}.{number}") not in taken)
