"""The builder reads rules again when they were written, whoever wrote them, and not otherwise."""

import pytest

from profiles.builder.rules import RuleReader
from profiles.models import LifecycleRule, Namespace


@pytest.fixture
def read(database):
    reader = RuleReader()
    with database.connect() as connection:

        def _read():
            with connection.transaction():
                return reader.read(connection)

        yield _read


def test_rules_that_nobody_wrote_are_the_same_object(read):
    assert read() is read()


def test_rules_that_were_written_as_they_were_are_the_same_object(read):
    first = read()
    Namespace.objects.get(key="email").save()
    assert read() is first


@pytest.mark.parametrize(
    "write",
    [
        lambda: Namespace.objects.filter(key="email").update(limit=7),
        lambda: Namespace.objects.filter(key="email").update(shared_patterns=["info@.*"]),
        lambda: Namespace.objects.create(key="badge", name="Badge", level="person", priority=90),
        lambda: LifecycleRule.objects.update(former_after_days=7),
    ],
    ids=["limit", "patterns", "new", "lifecycle"],
)
def test_rules_that_were_written_are_read_again(read, write):
    first = read()
    try:
        write()
        assert read() != first
    finally:
        Namespace.objects.filter(key="badge").delete()
