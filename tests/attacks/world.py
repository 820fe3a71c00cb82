"""The product that is attacked: a real server and consumers, and their database in this process too."""

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from compliance.access import Actor
from compliance.domain.tokens import create_token
from compliance.enums import Category, Operation
from compliance.models import Role, User
from ingestion.domain.plans.publishing import publish, save_draft
from ingestion.models import Source
from profiles.models import Profile
from tests.conftest import Database
from tests.e2e.product import Product
from tests.waiting import eventually

BY = Actor.system("tests")


class World(Product):
    """A product whose keys this process has too, so that sessions, hashes and secrets of the one hold in the other."""

    def __init__(self, database: Database, home: Path) -> None:
        super().__init__(database, home)
        self.server.environment |= {
            "SECRET_KEY": settings.SECRET_KEY,
            "IDENTIFIER_KEY": settings.IDENTIFIER_KEY,
            "SECRETS_KEY": ",".join(settings.SECRETS_KEYS),
        }

    def wait_for(self, query: str, *parameters: Any) -> None:
        """Wait until it finds something."""
        eventually(lambda: self.rows(query, *parameters), query)

    def keep_to(self, plan: dict[str, Any], event: str, note: str = "") -> None:
        """Have a plan hold in which a text is no `total` of this event; such an event has been kept out by then."""
        source, now = Source.objects.get(name="Web shop"), timezone.now()
        publish(save_draft(source, plan, by=BY, now=now), note=note, by=BY, now=now)
        eventually(lambda: self._is_kept_out(event), "the plan to hold")

    def _is_kept_out(self, event: str) -> bool:
        self.send({"type": "track", "event": event, "userId": "somebody", "properties": {"total": "much"}})
        return bool(self.rows("SELECT 1 FROM ingestion_quarantined WHERE name = %s", event))

    def _make_users(self) -> None:
        """Who attacks is made by each test."""


def upload(client: Client, name: str, content: str) -> Any:
    """Bring in a file as a program does that writes the name as it is, of which Django's own client would take a part."""
    parts = (
        '--b\r\nContent-Disposition: form-data; name="source"\r\n\r\nOrders\r\n'
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--b--\r\n'
    )
    body = parts.encode()
    answer: Any = client.generic("POST", "/admin/imports/new/", body, "multipart/form-data; boundary=b")
    return answer


def role(
    name: str,
    operations: Iterable[Operation] = Operation,
    categories: Iterable[Category] = Category,
    hashed: Iterable[Category] = (),
    hidden: Iterable[Category] = (),
) -> Role:
    """The role of this name, made with these when there is none: what is in none of the three is masked."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        Role.objects.create(
            group=group,
            operations=list(operations),
            categories=list(categories),
            hashed=list(hashed),
            hidden=list(hidden),
        )
    return group.role


def staff(name: str, **may: Iterable[Any]) -> Client:
    """A client signed in as a member of staff of a role of this name, which may do and see this (see `role`)."""
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    user.groups.set([role(name, **may).group])
    client = Client()
    client.force_login(user)
    client.raise_request_exception = False
    return client


def program(**may: Iterable[Any]) -> Client:
    """A client with a token that may do and see this (see `role`)."""
    client = Client(headers={"Authorization": f"Bearer {token(**may)}"})
    client.raise_request_exception = False
    return client


def token(**may: Iterable[Any]) -> str:
    """The secret of a new token that may do and see this (see `role`)."""
    name = role(f"of tokens {uuid.uuid4().hex}", **may).group.name
    return create_token(name="program", by=BY, now=timezone.now(), role=name, expires_at=None)[1]


def person_of(user: str) -> str:
    """The id of the person with this user id."""
    found = Profile.objects.get(identifiers__namespace__key="user_id", identifiers__value=user)
    return str(found.public_id)
