import pytest

from compliance import suppression
from compliance.access import AccessDenied, Actor
from compliance.enums import ActorKind
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry, SuppressedIdentifier
from compliance.suppression import Suppressions, UnusableIdentifier, snapshot, snapshot_within
from tests.compliance.conftest import NOW, SYSTEM
from tests.compliance.suppressions import lift


def add(namespace, value, **options):
    return suppression.suppress(namespace, value, by=SYSTEM, now=NOW, **options)


@pytest.mark.django_db
def test_while_nobody_is_suppressed_a_snapshot_is_falsy():
    assert not snapshot()
    assert not snapshot().is_suppressed("email", "jane@example.com")
    assert not Suppressions()


@pytest.mark.django_db
def test_values_are_recognised_however_they_are_written():
    assert add("email", " Jane@Example.com")
    assert add("phone", "+44 20 7946 0123")
    assert add("user_id", "U-7")
    suppressions = snapshot()
    assert suppressions
    assert suppressions.is_suppressed("email", "JANE@example.com ")
    assert suppressions.is_suppressed("phone", "+44 (0)20 79460123")
    assert suppressions.is_suppressed("user_id", " U-7")
    assert suppressions.has("email", "jane@example.com")
    assert not suppressions.is_suppressed("user_id", "u-7")
    assert not suppressions.is_suppressed("anonymous_id", "U-7")
    assert not suppressions.is_suppressed("email", "no address")


@pytest.mark.django_db
def test_of_many_values_one_that_is_suppressed_is_found():
    add("email", "jane@example.com")
    suppressions = snapshot()
    assert suppressions.has_any_of("email", ["joe@example.com", "no address", "JANE@example.com "])
    assert not suppressions.has_any_of("email", ["joe@example.com", "no address"])
    assert not suppressions.has_any_of("user_id", ["jane@example.com"])
    assert not suppressions.has_any_of("email", [])
    assert not Suppressions().has_any_of("email", ["jane@example.com"])


@pytest.mark.django_db
def test_only_hashes_are_kept():
    add("email", "jane@example.com", reason="asked for it")
    [row] = SuppressedIdentifier.objects.all()
    assert (row.namespace, row.reason, row.by, row.at) == ("email", "asked for it", "test", NOW)
    assert b"jane" not in bytes(row.hash)
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.target, entry.detail) == (
        "suppression.add",
        "suppression:email",
        {"reason": "asked for it"},
    )
    assert entry.subjects == [pseudonym("email:jane@example.com")]


@pytest.mark.django_db
def test_twice_is_once_and_it_can_be_undone():
    assert add("user_id", "1")
    assert not add("user_id", "1")
    assert snapshot().is_suppressed("user_id", "1")
    [row] = SuppressedIdentifier.objects.all()
    assert suppression.lift(row.pk, by=SYSTEM)
    assert not suppression.lift(row.pk, by=SYSTEM)
    assert not snapshot()
    assert sorted(AuditEntry.objects.values_list("action", flat=True)) == [
        "suppression.add",
        "suppression.remove",
    ]


@pytest.mark.django_db
def test_a_snapshot_follows_every_change():
    seen = []
    for change in (
        lambda: add("user_id", "1"),
        lambda: add("user_id", "2"),
        lambda: lift("user_id", "1", by=SYSTEM),
        lambda: add("user_id", "3"),
    ):
        change()
        now = snapshot()
        seen.append([value for value in "123" if now.is_suppressed("user_id", value)])
    assert seen == [["1"], ["1", "2"], ["2"], ["2", "3"]]


@pytest.mark.django_db
def test_an_unchanged_list_is_not_read_again():
    add("user_id", "1")
    first = snapshot()
    assert snapshot().hashes is first.hashes


def test_a_session_of_the_builder_sees_what_is_committed(fresh_database):
    add("email", "jane@example.com")
    with fresh_database.connect() as session:
        assert snapshot_within(session).has("email", "jane@example.com")
        assert not snapshot_within(session).has("email", "joan@example.com")


@pytest.mark.django_db
def test_namespaces_have_their_own_normalisers(monkeypatch):
    monkeypatch.setattr(suppression, "_normalisers", list(suppression._normalisers))
    suppression.register_normalisers(lambda: {"work_email": "email"})
    add("work_email", "Jane@Example.com")
    assert snapshot().is_suppressed("work_email", "jane@example.COM")
    assert snapshot().has("work_email", "jane@example.com")


@pytest.mark.django_db
def test_a_snapshot_knows_which_values_identify_nobody(monkeypatch):
    monkeypatch.setattr(suppression, "_unusable", list(suppression._unusable))
    add("user_id", "1")
    assert snapshot().identifies("user_id", "2")
    assert not snapshot().identifies("user_id", " Guest ")
    reads = []

    def read():
        reads.append(1)
        return lambda _namespace, normal: normal == "2"

    suppression.register_unusable(read)
    now = snapshot()
    assert not now.identifies("user_id", " 2")
    assert now.identifies("user_id", "guest")
    assert not now.identifies("user_id", "  ")
    assert reads == [1]
    lift("user_id", "1", by=SYSTEM)
    assert not snapshot()
    assert reads == [1], "while nobody is suppressed nothing is read"


@pytest.mark.django_db
def test_what_identifies_nobody_cannot_be_suppressed():
    with pytest.raises(UnusableIdentifier, match="cannot be an identifier of 'email'") as failure:
        add("email", "jane at example")
    assert "jane" not in str(failure.value)
    assert not SuppressedIdentifier.objects.exists()


@pytest.mark.django_db
def test_it_needs_the_right():
    nobody = Actor(ActorKind.STAFF, "mia")
    with pytest.raises(AccessDenied, match=r"suppressions\.manage"):
        suppression.suppress("user_id", "1", by=nobody, now=NOW)
    with pytest.raises(AccessDenied):
        suppression.lift(1, by=nobody)


@pytest.mark.django_db
def test_suppressions_of_a_lost_key_are_counted(settings):
    add("user_id", "1")
    assert suppression.of_other_keys() == 0
    settings.IDENTIFIER_KEY = "another secret of the installation"
    add("user_id", "2")
    assert suppression.of_other_keys() == 1
    assert not snapshot().is_suppressed("user_id", "1")
    assert snapshot().is_suppressed("user_id", "2")


@pytest.mark.django_db
def test_a_row_is_lifted_once():
    add("user_id", "1")
    row = SuppressedIdentifier.objects.get()
    assert suppression.lift(row.pk, by=SYSTEM)
    assert not suppression.lift(row.pk, by=SYSTEM)
    assert not snapshot()
