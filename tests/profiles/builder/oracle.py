"""Who is who by the pure function alone, from all evidence that is stored, and what the builder made of it."""

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import replace

from django.db import connection, transaction

from profiles.builder.cause import Cause
from profiles.builder.reconsider import Reconsidered, reconsidered
from profiles.enums import CauseKind, EvidenceRule
from profiles.identity.evidence import Edge, Node, OrderKey
from profiles.identity.partition import partition
from profiles.identity.rules import Rules
from profiles.identity.sharing import shared_values
from profiles.models import Evidence, Identifier
from tests.profiles.builder.driver import START
from tests.profiles.builder.model import book_of
from tests.profiles.builder.picture import people

_numbers = itertools.count(1)


def stored_graph(
    rules: Rules, is_void: Callable[[Evidence], bool] = lambda _row: False
) -> tuple[dict[int, Node], list[Edge]]:
    """All stored identifiers by their row ids, which are shared by this evidence, and the evidence that is not void."""
    nodes = {
        row.id: Node(
            row.id,
            row.namespace_id,
            row.value,
            blocked=rules.by_id[row.namespace_id].blocks(row.value),
            present=row.present,
        )
        for row in Identifier.objects.all()
    }
    edges = [
        Edge(
            row.id,
            row.a_id,
            row.b_id,
            EvidenceRule(row.rule),
            OrderKey(row.event_time, row.source_id, row.message_id),
            row.state == "withdrawn",
            row.via_id,
        )
        for row in Evidence.objects.all()
        if not is_void(row)
    ]
    shared = shared_values(nodes, edges, rules)
    return {row: replace(each, shared=row in shared) for row, each in nodes.items()}, edges


def decided(book) -> dict[str, object]:
    """People, shared values and outcomes, by the row ids of identifiers and evidence."""
    nodes, edges = stored_graph(book.namespaces)
    found = partition(nodes, edges, book.namespaces)
    return {
        "people": set(found.people),
        "shared": {row for row, each in nodes.items() if each.shared},
        "outcomes": {
            row: (outcome.state.value, outcome.refused_by) for row, outcome in found.outcomes.items()
        },
    }


def stored() -> dict[str, object]:
    """The same as the builder stored it."""
    by_row: dict[int, set[int]] = {}
    for row, profile in Identifier.objects.filter(profile__isnull=False).values_list("id", "profile_id"):
        by_row.setdefault(profile, set()).add(row)
    return {
        "people": {frozenset(members) for members in by_row.values()},
        "shared": set(Identifier.objects.filter(shared=True).values_list("id", flat=True)),
        "outcomes": {
            row: (state, refused_by)
            for row, state, refused_by in Evidence.objects.values_list("id", "state", "refused_by")
        },
    }


def node(namespace: str, value: str) -> int:
    """The row id of an identifier."""
    return Identifier.objects.get(namespace__key=namespace, value=value).id


def decide(a: int, b: int, rule: EvidenceRule) -> Evidence:
    """A decision of the staff, stored as the domain stores it."""
    number = next(_numbers)
    return Evidence.objects.create(
        key=hashlib.blake2b(b"decision %d" % number, digest_size=16).digest(),
        a_id=a,
        b_id=b,
        rule=rule.value,
        source_id=0,
        event_time=START,
        message_id=f"decision:{number}",
        state="accepted",
    )


def reconsider(driver, *seeds: int, kind: CauseKind = CauseKind.DECISION, why: str = "") -> Reconsidered:
    """Decide these anew as a member of the staff, in a transaction of its own."""
    with transaction.atomic():
        session = connection.connection
        book = book_of(driver.connection)
        cause = Cause(kind, "jo@example.com", why)
        return reconsidered(session, book, seeds, driver.now, cause, writer="test")


def names() -> set[frozenset[str]]:
    """The people, by the values of their identifiers."""
    return {frozenset(value for _, value in each) for each in people().values()}
