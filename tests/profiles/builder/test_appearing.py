"""Who is only named by others is nobody until they appear in an event; who has appeared stays so."""

from django.core.management import call_command

from profiles.models import Evidence, Identifier, Namespace, Profile
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import people


def groups() -> set[str]:
    return {" ".join(sorted(value for _, value in each)) for each in people().values()}


def test_a_former_user_id_is_nobody_until_it_appears_and_then_joins_by_the_alias(builder):
    Namespace.objects.filter(key="user_id").update(unique=False)
    builder.send(event("alias", user_id="new", previous_id="old"))
    former = Identifier.objects.get(value="old", namespace__key="user_id")
    assert (former.present, former.profile_id) == (False, None)
    builder.send(event(user_id="old", minutes=1))
    former.refresh_from_db()
    assert former.present
    assert groups() == {"new old old"}


def test_a_blocked_value_appears_too_and_is_somebody_when_it_is_unblocked(builder):
    Namespace.objects.filter(key="user_id").update(blocked_values=["u"])
    builder.send(event("alias", user_id="v", previous_id="u"))
    builder.send(event(user_id="u", anonymous_id="a", minutes=1))
    blocked = Identifier.objects.get(value="u", namespace__key="user_id")
    assert (blocked.present, blocked.profile_id) == (True, None)
    Namespace.objects.filter(key="user_id").update(blocked_values=[])
    builder.send(event(user_id="u", anonymous_id="b", minutes=2))
    assert "a b u" in groups()


def test_a_batch_that_brings_both_the_alias_and_the_event_is_like_two(builder):
    builder.send(event("alias", user_id="new", previous_id="old"), event(user_id="old", anonymous_id="a"))
    assert Identifier.objects.get(value="old", namespace__key="user_id").present
    assert "a old" in groups()


def test_mailboxes_of_everybody_join_nobody_from_the_first_event(builder):
    Namespace.objects.filter(key="email").update(shared_patterns=["info@.*"])
    for device in ("a", "b"):
        builder.send(event("identify", anonymous_id=device, traits={"email": "info@x.org"}))
    assert groups() == {"a", "b"}
    assert Identifier.objects.get(value="info@x.org").shared
    assert set(Evidence.objects.values_list("state", flat=True)) == {"attached"}


def test_what_stood_beside_the_centre_is_kept_and_ties_nobody(builder):
    builder.send(event("identify", user_id="u", anonymous_id="tablet", traits={"email": "e@x.org"}))
    beside = Evidence.objects.get(rule="implied")
    assert (beside.state, str(beside.via and beside.via.value)) == ("beside", "u")
    assert groups() == {"e@x.org tablet u"}
    assert Profile.objects.get().cluster_id is None


_ROWS = """
INSERT INTO profiles_identifier (namespace_id, value, shared, first_seen)
SELECT id, v, false, now() FROM profiles_namespace, unnest(ARRAY['named', 'blocked']) v WHERE key = 'user_id'
"""
_ANCHOR = """
INSERT INTO profiles_anchor (key, birth_id, user_id, mapping_version, first_seen)
SELECT 'k', gen_random_uuid(), id, 1, now() FROM profiles_identifier WHERE value = 'blocked'
"""
_LINKS = """
INSERT INTO profiles_evidence (key, a_id, b_id, rule, source_id, import_id, event_time, message_id, state, refused_by)
SELECT convert_to(rule, 'UTF8'), 1, 2, rule, 1, 0, now(), 'm', state, ''
FROM (VALUES ('implied', 'beside'), ('verified', 'accepted'), ('event', 'pending')) AS v(rule, state)
"""


def test_the_migration_finds_who_was_only_named_and_its_reverse_leaves_no_new_words(fresh_database):
    call_command("migrate", "profiles", "0007", verbosity=0)
    with fresh_database.connect() as connection:
        connection.execute(_ROWS)
        connection.execute(_ANCHOR)
    call_command("migrate", "profiles", verbosity=0)
    with fresh_database.connect() as connection:
        rows = connection.execute("SELECT value, present FROM profiles_identifier").fetchall()
        connection.execute(_LINKS)
    assert dict(rows) == {"named": False, "blocked": True}
    call_command("migrate", "profiles", "0007", verbosity=0)
    with fresh_database.connect() as connection:
        rows = connection.execute("SELECT rule, state FROM profiles_evidence").fetchall()
    assert set(rows) == {("event", "accepted"), ("event", "ignored")}
