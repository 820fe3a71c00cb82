"""What the stored evidence says by the pure function alone, and people and links by their values."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from profiles.identity.partition import partition
from profiles.identity.rules import Rules
from profiles.models import Evidence, Profile
from tests.profiles.builder.driver import START
from tests.profiles.builder.oracle import stored_graph
from tests.profiles.builder.picture import identifiers

NOW = START + timedelta(days=8)
Value = tuple[str, str]


def partition_without(rules: Rules, is_void: Callable[[Evidence], bool]) -> set[frozenset[Value]]:
    """The people of all stored evidence but what is void, as if that had never been."""
    nodes, edges = stored_graph(rules, is_void)
    names = identifiers()
    found = partition(nodes, edges, rules)
    return {frozenset(names[member] for member in members) for members in found.people}


def is_withdrawn(row: Evidence) -> bool:
    return row.state == "withdrawn"


def who(value: str) -> Profile:
    """The profile that has the identifier of this value."""
    return Profile.objects.get(identifiers__value=value)


def id_of(value: str) -> UUID:
    """The live id of whoever has it."""
    return who(value).public_id


def link(a: str, b: str, **filters: object) -> Evidence:
    """The first evidence between two values."""
    between = Q(a__value=a, b__value=b) | Q(a__value=b, b__value=a)
    return Evidence.objects.filter(between, **filters).order_by("id")[:1].get()
