"""What the demo gives its user to get in: made once, kept in a file that only its owner reads."""

import itertools
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from compliance.access import Actor
from compliance.domain.tokens import authenticate, create_token
from compliance.domain.users import create_staff
from compliance.models import User
from ingestion.domain.sources import rotate_write_key, source_named

NAME = "access.json"
SOURCE = "Harbour Outfitters"
ROLES = ("administrator", "marketer")


@dataclass(frozen=True, slots=True)
class Login:
    """A member of staff."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Access:
    """The content of access.json, whose names are a promise to scripts."""

    url: str
    write_key: str
    api_token: str
    users: dict[str, Login]


def give_access(*, home: Path, url: str, now: datetime) -> Access:
    """Ways in that work on this database: those of access.json as far as they do, else new ones. Writes them down.

    Accounts and sources that exist are never changed.
    """
    known = _known(home)
    by = Actor.system("demo")
    with transaction.atomic():
        access = Access(
            url=url,
            write_key=_write_key(by, now),
            api_token=_api_token(known, by, now),
            users={role: _login(role, known, by, now) for role in ROLES},
        )
        _write(home / NAME, access)
    return access


def _write_key(by: Actor, now: datetime) -> str:
    source = source_named(name=SOURCE, by=by, now=now)
    active = source.write_keys.filter(disabled_at=None).first()
    return (active or rotate_write_key(source=source, by=by, now=now)).key


def _api_token(known: Access | None, by: Actor, now: datetime) -> str:
    if known is not None and authenticate(known.api_token, now=now) is not None:
        return known.api_token
    return create_token(name="demo", role="administrator", by=by, now=now)[1]


def _login(role: str, known: Access | None, by: Actor, now: datetime) -> Login:
    login = known.users.get(role) if known is not None else None
    if login is not None:
        user = User.objects.filter(username=login.username, is_active=True).first()
        if user is not None and user.check_password(login.password):
            return login
    made = Login(_free_name(role), secrets.token_urlsafe(12))
    create_staff(username=made.username, password=made.password, role=role, by=by, now=now)
    return made


def _free_name(role: str) -> str:
    names = itertools.chain([role], (f"{role}-{number}" for number in itertools.count(2)))
    return next(name for name in names if not User.objects.filter(username__iexact=name).exists())


def _known(home: Path) -> Access | None:
    try:
        document = json.loads((home / NAME).read_bytes())
        users = {role: Login(**login) for role, login in document.pop("users").items()}
        return Access(users=users, **document)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # none was written, or not by us


def _write(path: Path, access: Access) -> None:
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    written.touch(mode=0o600)
    written.write_text(json.dumps(asdict(access), indent=2) + "\n")
    written.replace(path)
