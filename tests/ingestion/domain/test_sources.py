"""Sources: made, rotated and disabled under permission, with a trail, and never by accident."""

from datetime import timedelta

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import ActorKind
from compliance.models import AuditEntry
from ingestion.domain.configuration import load_configuration
from ingestion.domain.sources import (
    SourceError,
    create_source,
    disable_source,
    disable_write_key,
    enable_source,
    rotate_write_key,
    set_visit_timeout,
    source_named,
)
from ingestion.models import Source, WriteKey
from tests.ingestion.domain.conftest import BY, NOW

pytestmark = pytest.mark.django_db
NOBODY = Actor(ActorKind.STAFF, "nobody", frozenset(), frozenset())


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_source_has_a_key_that_nobody_can_guess():
    first, second = (create_source(name=name, by=BY, now=NOW).write_keys.get().key for name in ("a", "b"))
    assert first != second
    assert min(len(first), len(second)) >= 32
    assert actions() == ["source.create", "source.create"]


def test_making_it_again_with_the_same_key_changes_nothing(source):
    assert create_source(name=" web ", by=BY, now=NOW, write_key="WEBKEY1") == source
    assert (Source.objects.count(), WriteKey.objects.count(), actions()) == (1, 1, ["source.create"])


@pytest.mark.parametrize("key", [None, "ANOTHER1"])
def test_a_name_that_is_taken(source, key):
    with pytest.raises(SourceError, match="there is a source 'web' already: choose another name"):
        create_source(name="web", by=BY, now=NOW, write_key=key)
    assert WriteKey.objects.count() == 1


def test_a_key_that_is_or_was_another_sources(source):
    disable_write_key(key=source.write_keys.get(), by=BY, now=NOW)
    with pytest.raises(SourceError, match="is or was another source's"):
        create_source(name="app", by=BY, now=NOW, write_key="WEBKEY1")
    assert Source.objects.count() == 1, "the source is not left behind without a key"


@pytest.mark.parametrize("key", ["short", "x" * 65, "with space", "semi;colon", "umlaut-ä"])
def test_a_key_that_no_client_could_send(key):
    with pytest.raises(SourceError, match="6 to 64 letters, digits"):
        create_source(name="web", by=BY, now=NOW, write_key=key)
    assert not Source.objects.exists()


def test_rotation_keeps_the_first_key_until_it_is_disabled(source):
    second = rotate_write_key(source=source, by=BY, now=NOW)
    assert load_configuration().by_key == {"WEBKEY1": source.pk, second.key: source.pk}
    with pytest.raises(SourceError, match="has 2 active write keys: disable one first"):
        rotate_write_key(source=source, by=BY, now=NOW)
    disable_write_key(key=source.write_keys.get(key="WEBKEY1"), by=BY, now=NOW)
    assert load_configuration().by_key == {second.key: source.pk}
    assert rotate_write_key(source=source, by=BY, now=NOW).is_active
    assert actions() == ["source.create", "source.rotate_key", "source.disable_key", "source.rotate_key"]


def test_a_key_keeps_the_moment_at_which_it_was_first_disabled(source):
    key = source.write_keys.get()
    for later in (0, 5):
        disable_write_key(key=key, by=BY, now=NOW + timedelta(days=later))
    assert (key.disabled_at, actions()) == (NOW, ["source.create", "source.disable_key"])


def test_a_disabled_source_speaks_through_no_key_until_it_is_enabled(source):
    rotate_write_key(source=source, by=BY, now=NOW)
    disable_source(source=source, by=BY, now=NOW)
    assert (load_configuration().by_key, source.is_enabled) == ({}, False)
    enable_source(source=source, by=BY)
    assert (len(load_configuration().by_key), source.is_enabled) == (2, True)


def test_the_header_of_each_key_is_known_as_sdks_write_it(source):
    assert load_configuration().by_authorization == {b"Basic V0VCS0VZMTo=": source.pk}


def test_a_source_for_imports_is_made_once():
    assert source_named(name="Files", by=BY, now=NOW) == source_named(name="Files ", by=BY, now=NOW)


def test_nobody_changes_sources_without_permission(source):
    key = source.write_keys.get()
    for change in (
        lambda: create_source(name="x", by=NOBODY, now=NOW),
        lambda: rotate_write_key(source=source, by=NOBODY, now=NOW),
        lambda: disable_write_key(key=key, by=NOBODY, now=NOW),
        lambda: disable_source(source=source, by=NOBODY, now=NOW),
        lambda: enable_source(source=source, by=NOBODY),
        lambda: set_visit_timeout(source=source, minutes=5, by=NOBODY),
    ):
        with pytest.raises(AccessDenied):
            change()
    assert load_configuration().by_key == {"WEBKEY1": source.pk}
    assert actions() == ["source.create", *["access.denied"] * 6]
