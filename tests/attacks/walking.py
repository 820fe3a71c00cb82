"""Every address that shows something: those of screens with all that is there to show, and those of the REST API."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.http import HttpResponseBase
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from ingestion import models as ingested
from profiles.models import Household, Profile, RuleChange
from streaming.models import DeadLetter, DeadLetterEdit
from streaming.screens import registered_screens
from tests.cdp_site.web.test_rubbish import Page, _kind

MESSAGES = ("known-message", "held-message", "refused-message")
_ROWS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (ingested.Connection, ("connections/{}/", "connections/{}/streams/new/?stream=customers", "connections/{}/settings/")),
    (ingested.Stream, ("connections/streams/{}/", "connections/streams/{}/settings/")),
    (ingested.ConnectionRun, ("connections/runs/{}/", "connections/runs/{}/errors.csv", "connections/runs/{}/progress/")),
    (ingested.FileImport, ("imports/{}/", "imports/{}/errors.csv", "imports/{}/progress/")),
    (ingested.Webhook, ("webhooks/{}/", "webhooks/{}/preview/")),
    (ingested.Resend, ("quarantine/jobs/{}/",)),
    (ingested.Rejection, ("rejections/{}/",)),
    (ingested.CatalogueEvent, ("catalogue/{}/",)),
    (DeadLetter, ("dead-letters/{}/", "dead-letters/{}/payload/", "dead-letters/{}/edit/")),
    (DeadLetterEdit, ("dead-letters/edits/{}/",)),
)  # fmt: skip
_OF_MESSAGES: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (ingested.LiveEvent, ("live/{}/", "live/{}/way/")),
    (ingested.Quarantined, ("quarantine/{}/", "quarantine/{}/trace/")),
)


def text_of(answer: HttpResponseBase) -> str:
    """All that was answered, in small letters. Fails for an answer that tells nothing because it came too often."""
    assert answer.status_code != HTTPStatus.TOO_MANY_REQUESTS
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    answer.close()
    return content.decode(errors="replace").lower()


_NEW = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|(?:search|find)=[\w-]+|name="find" value="[^"]*"|\d\d:\d\d(?::\d\d(?:\.\d+)?)?'
    r"|\d+ (?:second|minute)s? ago|just now|[0-9a-f]{32}|\s+"
)


def plain(content: str) -> str:
    """The content without what is new in every answer."""
    return _NEW.sub(" ", content)


def screens(client: Client) -> dict[str, str]:
    """What this client sees: pages of every row of what was brought in, and of each other kind one that they lead to."""
    waiting = [f"/admin/{screen.path}" for screen in registered_screens() if "<" not in screen.path]
    waiting += ["/admin/identity/namespaces/email/", "/admin/"]
    wanted = {
        f"/admin/{path.format(row)}" for model, paths in _ROWS for row in _keys(model) for path in paths
    }
    wanted |= {
        f"/admin/{path.format(row)}"
        for model, paths in _OF_MESSAGES
        for row in model.objects.filter(message_id__in=MESSAGES).values_list("pk", flat=True)
        for path in paths
    }
    waiting += wanted
    seen: dict[str, str] = {}
    kinds = set()
    while waiting:
        address = waiting.pop()
        if address in seen or "logout" in address or (address not in wanted and _kind(address) in kinds):
            continue
        kinds.add(_kind(address))
        answer = client.get(address)
        if answer.status_code == 200:
            seen[address] = text_of(answer)
            if "html" in answer.headers.get("Content-Type", ""):
                waiting += sorted(Page(address, seen[address]).links)
    return seen


def rest(client: Client) -> dict[str, str]:
    """What this client reads over REST: every address that answers a GET, of every person and household."""
    answers = {address: client.get(address) for address in _addresses()}
    return {address: text_of(answer) for address, answer in answers.items() if answer.status_code == 200}


def routes(addresses: Any) -> set[str]:
    """The routes of these addresses."""
    return {resolve(address.partition("?")[0]).route for address in addresses}


def _addresses() -> Iterator[str]:
    filled = {
        "{profile_id}": [str(each) for each in Profile.objects.values_list("public_id", flat=True)],
        "{household_id}": [str(each) for each in Household.objects.values_list("public_id", flat=True)],
        "{stream_id}": [str(each) for each in _keys(ingested.Stream)],
        "{message_id}": MESSAGES,
        "{change_id}": [str(each) for each in _keys(RuleChange)],
        "{dataset}": ["weather"],
    }
    for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        if "get" in operations:
            named = next((name for name in filled if name in path), "")
            yield from (path.replace(named, value) for value in filled[named]) if named else (path,)


def _keys(model: Any) -> list[int]:
    return list(model.objects.values_list("pk", flat=True))
