"""Whatever the order of events, merges and unmerges: the most restrictive of the newest statements holds, for each person."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.gate import may_use
from profiles.domain.decisions.splitting import split_off
from profiles.domain.declarable import Declared
from profiles.domain.declaring import declare
from profiles.domain.queries.people import people_identified
from profiles.enums import DeclarationKind
from profiles.models import Consent, ConsentDay
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.picture import clear
from tests.profiles.people import ALL

DEVICES = ("a", "b", "c")
EXPENSIVE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_STATED = st.tuples(
    st.sampled_from(DEVICES), st.integers(0, 3000), st.sampled_from(["Marketing", "marketing"]), st.booleans()
)


def said(device: str, minutes: int, name: str, granted: bool):
    consent = {"categoryPreferences": {name: granted}, "version": "1", "tcString": f"proof of {minutes}"}
    return event("track", minutes, anonymous_id=device, context={"consent": consent})


def newest(statements) -> dict[str, bool]:
    """Of each device the newest statement; of what was said at once the refusal that message ids do not decide on."""
    found: dict[str, tuple[int, bool]] = {}
    for device, minutes, _, granted in statements:
        told = (minutes, not granted)
        found[device] = max(found.get(device, told), told)
    return {device: not refused for device, (_, refused) in found.items()}


def may(user: str) -> bool:
    (found,) = people_identified(ALL, user)
    return found.id in may_use("marketing", [found.id])


def one_at_a_time(statements):
    """Without what is said of a device twice in one minute: which of those is newer only their message ids say."""
    return list(
        {(device, minutes): (device, minutes, *rest) for device, minutes, *rest in statements}.values()
    )


@EXPENSIVE
@given(statements=st.lists(_STATED, max_size=8), data=st.data())
def test_in_any_order_and_any_batches_the_most_restrictive_holds(builder, statements, data):
    clear(builder.connection)
    statements = one_at_a_time(statements)
    events = [said(*each) for each in statements]
    events += [event(anonymous_id=device, minutes=-1) for device in DEVICES]
    events += [event("identify", -1, anonymous_id=device, user_id="u") for device in ("a", "b")]
    shuffled = data.draw(st.permutations(events))
    builder.send_each(shuffled, size=data.draw(st.integers(1, len(events))))
    stances = newest(statements)
    of_u = {stances[device] for device in ("a", "b") if device in stances}
    assert may("user_id:u") is (of_u == {True})
    assert may("anonymous_id:c") is (stances.get("c") is True)


@EXPENSIVE
@given(statements=st.lists(_STATED, min_size=1, max_size=8), data=st.data())
def test_a_replay_in_another_order_gives_the_same_rows(builder, statements, data):
    events = [said(*each) for each in statements]

    def rows(order):
        clear(builder.connection)
        builder.send_each(order, size=3)
        fields = ("anchor__anonymous__value", "purpose", "granted", "timestamp", "message_id")
        days = (
            "anchor__anonymous__value",
            "purpose",
            "day",
            "granted",
            "text_version",
            "first_at",
            "last_at",
            "message_id",
            "received_at",
            "proof",
        )
        return set(Consent.objects.values_list(*fields)), set(ConsentDay.objects.values_list(*days))

    assert rows(events) == rows(data.draw(st.permutations(events)) + events[:2])


_ACT = st.tuples(
    st.sampled_from(["a", "b"]), st.sampled_from(["consent", "objection", "restriction"]), st.booleans()
)


@EXPENSIVE
@given(acts=st.lists(_ACT, max_size=6))
def test_who_turns_out_to_be_one_is_bound_by_what_either_declared_until_they_part(
    builder, changes_topic, acts
):
    clear(builder.connection)
    builder.send(event(anonymous_id="a"), event(anonymous_id="b"))
    holds: dict[str, dict[str, bool]] = {"a": {}, "b": {}}
    for number, (device, kind, is_so) in enumerate(acts):
        at = START + timedelta(minutes=number)
        purpose = "" if kind == "restriction" else "marketing"
        declare(ALL, id_of(device), Declared(DeclarationKind(kind), purpose, is_so, at), now=at)
        holds[device][kind] = is_so

    def expected(*devices: str) -> bool:
        consents = {holds[each]["consent"] for each in devices if "consent" in holds[each]}
        bound = any(holds[each].get(kind) for each in devices for kind in ("objection", "restriction"))
        return consents == {True} and not bound

    apart = expected("a"), expected("b")
    assert (may("anonymous_id:a"), may("anonymous_id:b")) == apart
    builder.send(
        event("identify", 9, anonymous_id="a", user_id="u"),
        event("identify", 9, anonymous_id="b", user_id="u"),
    )
    assert may("anonymous_id:a") is may("anonymous_id:b") is expected("a", "b")
    split_off(ALL, id_of("a"), "anonymous_id:a", why="", now=builder.now)
    assert (may("anonymous_id:a"), may("anonymous_id:b")) == apart


def id_of(device: str):
    (found,) = people_identified(ALL, f"anonymous_id:{device}")
    return found.id
