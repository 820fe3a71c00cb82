"""Links that are decided by themselves: the same as deciding their whole cluster anew, at a fraction of the work."""

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from profiles.builder import alone as alone_module
from profiles.builder import deciding, person
from profiles.enums import EvidenceRule
from profiles.models import Evidence, Namespace, Profile
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.oracle import decide, decided, names, node, reconsider, stored
from tests.profiles.builder.picture import clear
from tests.profiles.builder.test_order import brief, histories


@pytest.fixture
def alone(monkeypatch) -> list[int]:
    """How many links each group had that was decided alone."""
    seen: list[int] = []
    decide_alone = alone_module.decide_alone

    def watched(links, *rest):
        found = decide_alone(links, *rest)
        seen.append(len(links))
        return found

    monkeypatch.setattr(deciding, "decide_alone", watched)
    return seen


@pytest.fixture
def locked(monkeypatch) -> list[int]:
    """How many people each attempt locked."""
    seen: list[int] = []
    lock = person.lock

    def watched(*arguments):
        found = lock(*arguments)
        seen.append(len(found))
        return found

    monkeypatch.setattr(person, "lock", watched)
    return seen


def limit(**limits: int) -> None:
    for key, most in limits.items():
        Namespace.objects.filter(key=key).update(limit=most)


def test_a_link_that_comes_last_locks_only_whom_it_names(builder, alone, locked):
    limit(anonymous_id=3)
    for number in range(3):
        builder.send(event(anonymous_id=f"d{number}", user_id="app", minutes=number))
    builder.send(event(anonymous_id="d3", user_id="app", minutes=3))
    assert alone == []
    del locked[:]
    for number in range(4, 40):
        builder.send(event(anonymous_id=f"d{number}", user_id="app", minutes=number))
    assert alone == [1] * 36
    assert max(locked) == 1
    assert len(names()) == 38
    assert stored() == decided(book_of(builder.connection))


def test_known_visitors_who_meet_a_constant_user_id_are_decided_alone(builder, alone, locked):
    limit(anonymous_id=3, device_id=2)
    for number in range(30):
        builder.send(event(anonymous_id=f"d{number}", minutes=number))
    context = {"device": {"id": "tv"}}
    for number in range(30):
        builder.send(event(anonymous_id=f"d{number}", user_id="app", minutes=100 + number, context=context))
    assert len(alone) > 20
    assert max(locked[-20:]) == 2
    assert stored() == decided(book_of(builder.connection))


def test_links_of_a_stronger_namespace_amidst_others_are_refused_alone(builder, alone):
    """Each event has a new device, decided before all click ids, and a new click id, decided last."""
    limit(anonymous_id=3, click_id=5)
    for number in range(30):
        context = {"campaign": {"click_id": f"c{number}"}}
        builder.send(event(anonymous_id=f"d{number}", user_id="app", minutes=number, context=context))
    assert len(alone) > 20
    assert stored() == decided(book_of(builder.connection))


def test_a_late_event_of_a_device_that_was_refused_stays_refused_alone(builder, alone):
    limit(anonymous_id=3)
    builder.send(*(event(anonymous_id=f"d{number}", user_id="app", minutes=number) for number in range(30)))
    builder.send(event(anonymous_id="d20", user_id="app", minutes=9.5))
    assert len(alone) == 1
    assert stored() == decided(book_of(builder.connection))
    builder.send(event(anonymous_id="d20", user_id="app", minutes=0.5))
    assert len(alone) == 1, "earlier than one of the three that hold, it has to be decided with all of them"
    assert frozenset({"app", "d0", "d1", "d20"}) in names()
    assert stored() == decided(book_of(builder.connection))


def test_the_owner_of_a_kiosk_is_not_touched_by_those_who_are_refused(builder, alone):
    for number in range(3):
        builder.send(event(anonymous_id="kiosk", user_id=f"u{number}", minutes=number))
    owner = Profile.objects.get(identifiers__value="u0")
    del builder.published[:]
    builder.send(event(anonymous_id="kiosk", user_id="u3", minutes=3))
    assert alone
    assert Profile.objects.get(identifiers__value="u0").version == owner.version
    assert not [record for record in builder.published if record.key == str(owner.public_id).encode()]


def test_who_is_kept_apart_is_refused_alone(staff, alone):
    staff.send(event(anonymous_id="a", user_id="u"), event(anonymous_id="b", minutes=1))
    a, b = node("anonymous_id", "a"), node("anonymous_id", "b")
    decide(a, b, EvidenceRule.KEEP_APART)
    reconsider(staff, a, b)
    staff.send(event(anonymous_id="b", user_id="u", minutes=5, source_id=2))
    assert alone == [1]
    assert stored() == decided(book_of(staff.connection))
    assert Evidence.objects.get(source_id=2).refused_by == "keep_apart"


RULES: dict[str, dict[str, dict[str, object]]] = {
    "narrow limits": {"anonymous_id": {"limit": 1}, "email": {"limit": 1}, "phone": {"limit": 1}},
    "as installed": {},
    "nothing unique": {
        "user_id": {"unique": False, "limit": 1},
        "customer_number": {"unique": False},
        "email": {"limit": 2, "shareable": False},
    },
}


@pytest.mark.parametrize("rules", RULES)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), size=st.integers(1, 4), late=st.integers(0, 3))
def test_decided_alone_equals_decided_anew(builder, rules, *, events, size, late):
    for key, values in RULES[rules].items():
        Namespace.objects.filter(key=key).update(**values)
    clear(builder.connection)
    builder.now = START.replace(month=12)
    ordered = sorted(events, key=lambda each: each["timestamp"])
    ordered = ordered[late:] + ordered[:late]
    note("\n".join(map(brief, ordered)))
    for start in range(0, len(ordered), size):
        builder.send(*ordered[start : start + size])
        assert stored() == decided(book_of(builder.connection))
