"""Constants that a bug of a site sends as everybody's id must not make one person of thousands."""

import pytest

from profiles.models import Namespace, Profile, TimelineEvent
from tests.profiles.builder.driver import event
from tests.profiles.known_bugs.scene import groups

# The ids that PostHog refuses since, and the spellings that slipped through before.
ILLEGAL = [
    "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined", "true", "false",
    "null", "none", "nan", "0", "[object Object]", "NaN", "None", "NULL", "Undefined", "GUEST",
    '"null"', "'undefined'", '"anonymous"', "'guest'", " null ", "", "00000000-0000-0000-0000-000000000000",
]  # fmt: skip


@pytest.mark.parametrize("field", ["user_id", "anonymous_id"])
def test_posthog_5527_identify_null_makes_no_mega_person(builder, field):
    other = "anonymous_id" if field == "user_id" else "user_id"
    builder.send(
        *(
            {**event("identify", traits={"plan": number}), field: value, other: f"real-{number}"}
            for number, value in enumerate(ILLEGAL)
        )
    )
    assert groups() == {frozenset({f"real-{number}"}) for number in range(len(ILLEGAL))}
    assert {row.traits["plan"] for row in Profile.objects.all()} == set(range(len(ILLEGAL)))


def test_posthog_5527_an_alias_to_null_joins_nobody(builder):
    builder.send(event(user_id="ann"), event(user_id="bob"))
    builder.send(
        *(
            event("alias", user_id=user, previous_id=value, minutes=1)
            for user in ("ann", "bob")
            for value in ("null", "undefined", "[object Object]")
        )
    )
    assert groups() == {frozenset({"ann"}), frozenset({"bob"})}


def test_segment_a_hard_coded_id_merges_nobody_once_it_is_blocked(builder):
    user_id = Namespace.objects.get(key="user_id")
    user_id.blocked_values = [*user_id.blocked_values, "acme-default-user"]
    user_id.save()
    builder.send(*(event(anonymous_id=f"a{number}", user_id="ACME-default-user") for number in range(200)))
    assert groups() == {frozenset({f"a{number}"}) for number in range(200)}
    assert TimelineEvent.objects.count() == 200


def test_segment_a_placeholder_is_nobody_as_an_email_too(builder):
    builder.send(
        *(
            event("identify", user_id=f"u{number}", traits={"email": value})
            for number, value in enumerate(["null", "undefined", "none", "n/a", "", "0"])
        )
    )
    assert groups() == {frozenset({f"u{number}"}) for number in range(6)}
