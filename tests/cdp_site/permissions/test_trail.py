"""Whatever tells something of the planted person leaves a row in the audit trail that says so: by address, as in the policy."""

from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from profiles.models import Identifier
from tests.cdp_site.permissions.planted import MARKS
from tests.cdp_site.permissions.test_matrix import _ask, _operations, _pages, _told

# What an address tells, and of whom its row says nothing: each with the reason.
OF_NOBODY_IN_PARTICULAR = {
    "admin/households/": "the names of groups",
    "admin/catalogue/<int:event_id>/": "examples, which are kept without whose they are",
    "admin/rejections/": "the names of events that were not taken",
    "admin/dead-letters/": "reasons, in which nobody is told from others",
    "admin/dead-letters/<int:letter_id>/": "a reason, in which nobody is told from others",
    "api/v1/dead-letters/": "reasons, in which nobody is told from others",
    "api/v1/households/": "what is known of groups",
    "api/v1/households/<uuid:household_id>/": "what is known of a group",
}


@pytest.fixture
def role() -> str:
    """Who sees everything."""
    return "administrator"


@pytest.fixture
def planted(values: dict[str, Any]) -> set[UUID]:
    """What rows may be kept under about the planted people."""
    named = {f"{key}:{value}" for key, value in Identifier.objects.values_list("namespace__key", "value")}
    return {pseudonym(each) for each in (values["busy"], values["tied"], *named)}


def told(client: Client, asked: Iterable[Any], planted: set[UUID]) -> tuple[list[str], list[str]]:
    """The routes that told something, and what is missing in their rows."""
    routes, wrong = [], []
    for route, address, send in asked:
        before = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        answer = send(client, address)
        text = _told(answer) if answer.status_code == HTTPStatus.OK else ""
        if not (found := {category for category, mark in MARKS.items() if mark in text}):
            continue
        routes.append(route)
        rows = list(AuditEntry.objects.filter(id__gt=before))
        if missing := found - {each for row in rows for each in row.categories}:
            wrong.append(f"{address} tells of {sorted(missing)}, and no row says so")
        if route not in OF_NOBODY_IN_PARTICULAR and not planted & {
            each for row in rows for each in row.subjects
        }:
            wrong.append(f"{address} tells of somebody, and no row says of whom")
    return routes, wrong


def test_pages(visitor, values, planted):
    asked = [(route, address, partial(_ask, posted)) for route, _, address, posted in _pages(values)]
    routes, wrong = told(visitor.staff, asked, planted)
    assert wrong == []
    assert len(set(routes)) > 30


def test_rest(visitor, values, planted):
    asked = [(route, address, send) for route, _, address, _, send in _operations(values)]
    routes, wrong = told(visitor.program, asked, planted)
    assert wrong == []
    assert len(set(routes)) > 10
