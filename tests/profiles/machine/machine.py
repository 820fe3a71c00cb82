"""Everything that can happen to identities, one step at a time, in the database and in the world beside it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from compliance.suppression import suppress
from profiles.domain.decisions import (
    AlreadyDecided,
    Decided,
    Undecidable,
    decide,
    keep_apart,
    merge,
    split_off,
    undo,
    withdraw,
)
from profiles.domain.rules.applying import apply_change, continue_change
from profiles.domain.rules.blocking import NotBlockable, NotBlocked, block_value, propose_unblocking
from profiles.domain.rules.dry_run import measure
from profiles.domain.rules.editing import NothingChanged, propose_change
from profiles.domain.rules.values import values_of
from profiles.enums import ReviewDecision
from profiles.models import Evidence, Identifier, Namespace, Profile
from streaming.runtime import failpoints
from streaming.runtime.failpoints import FailpointReached
from tests.profiles.builder.driver import START, Driver, at, event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.test_order import check_ids
from tests.profiles.machine import stored
from tests.profiles.machine.world import World
from tests.profiles.people import ALL

NOW = START + timedelta(days=8)
CHOICE = st.integers(0, 10_000)  # which one, of those that there are then
SOME = st.sampled_from
DEVICES, USERS, EMAILS = ["a0", "a1", "a2", "a3"], ["u0", "u1", "u2"], ["e0@x.org", "e1@x.org"]
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("anonymous_id", {"limit": 1}),
    ("anonymous_id", {"limit": 2, "limit_days": 1}),
    ("anonymous_id", {"limit": 500, "limit_days": None}),
    ("anonymous_id", {"priority": 1}),
    ("anonymous_id", {"priority": 60}),
    ("email", {"limit": 1}),
    ("email", {"limit": None}),
    ("email", {"shareable": False}),
    ("email", {"shareable": True}),
    ("email", {"level": "household"}),
    ("email", {"level": "person"}),
    ("user_id", {"unique": False}),
    ("user_id", {"unique": True}),
    ("email", {"shared_patterns": ["e0@.*"]}),
    ("email", {"shared_patterns": []}),
    ("email", {"content": "join"}),
    ("email", {"content": "propose"}),
]
VALUES = [
    *(("user_id", each) for each in USERS),
    *(("anonymous_id", each) for each in DEVICES),
    ("email", "e0@x.org"),
]


class Machine(RuleBasedStateMachine):
    """Steps that hypothesis chooses; after each of them both have to agree."""

    def __init__(self, builder: Driver) -> None:
        super().__init__()
        self.builder = builder
        self.world = World(book_of(builder.connection))
        self.told: list[dict[str, Any]] = []

    @rule(
        events=st.lists(
            st.fixed_dictionaries(
                {
                    "type_": SOME(["track", "identify", "identify", "alias", "group"]),
                    "minutes": st.integers(0, 6).map(lambda each: each * 360),
                    "source_id": SOME([1, 1, 2]),
                    "anonymous_id": SOME([None, *DEVICES]),
                    "user_id": SOME([None, None, *USERS]),
                    "previous_id": SOME(["a0", "u0", "u1"]),
                    "email": SOME([None, *EMAILS]),
                    "plan": SOME(["gold", "free", None]),
                    "note": SOME([None, None, "write to e0@x.org", "not E1@x.org any more, but e0@x.org"]),
                }
            ),
            min_size=1,
            max_size=3,
        ),
        is_killed_first=SOME([False, False, True]),
    )
    def events_arrive(self, events: list[dict[str, Any]], *, is_killed_first: bool) -> None:
        """New events, in a batch that may have to come again because the process died before it was committed."""
        batch = [self._event(**each) for each in events]
        if is_killed_first:
            self._crash(batch)
        self._send(batch)

    @precondition(lambda self: self.told)
    @rule(which=CHOICE, many=st.integers(1, 20))
    def events_come_again(self, which: int, many: int) -> None:
        """Events that came before, in another order: a source, or the log, repeats itself."""
        first = which % len(self.told)
        self._send([*self.told[first:], *self.told[:first]][:many][::-1])

    @precondition(lambda self: Evidence.objects.filter(state="accepted").exclude(rule="keep_apart").exists())
    @rule(which=CHOICE)
    def a_link_is_withdrawn(self, which: int) -> None:
        """Whoever it held together is who they are without it."""
        links = (
            Evidence.objects.filter(state="accepted").exclude(rule="keep_apart").select_related("a__profile")
        )
        link = _one_of(list(links.order_by("a__namespace", "a__value", "b__value", "key")), which)
        self._decide(lambda: withdraw(ALL, link.a.profile.public_id, [link.pk], why="", now=NOW))
        assert Evidence.objects.get(pk=link.pk).state == "withdrawn"

    @precondition(lambda _: Profile.objects.exists())
    @rule(which=CHOICE)
    def an_identifier_is_split_off(self, which: int) -> None:
        """It is somebody else, or somebody with it."""
        found = _one_of(_identifiers(profile__isnull=False), which)
        self._decide(lambda: split_off(ALL, found.profile.public_id, found.pk, why="", now=NOW))

    @precondition(lambda _: Profile.objects.count() > 1)
    @rule(which=CHOICE, other=CHOICE)
    def two_people_are_merged(self, which: int, other: int) -> None:
        """They are one, whatever limits say."""
        a, b = self._two(which, other)
        decided = self._decide(lambda: merge(ALL, a, b, why="", now=NOW))
        assert decided is None or decided.still_one

    @precondition(lambda _: Profile.objects.count() > 1)
    @rule(which=CHOICE, other=CHOICE)
    def two_people_are_kept_apart(self, which: int, other: int) -> None:
        """They stay two."""
        a, b = self._two(which, other)
        decided = self._decide(lambda: keep_apart(ALL, a, b, why="", now=NOW))
        assert decided is None or not decided.still_one

    @precondition(lambda self: self._open_reviews())
    @rule(which=CHOICE, decision=SOME(ReviewDecision), is_undone=st.booleans())
    def a_review_is_decided(self, which: int, decision: ReviewDecision, *, is_undone: bool) -> None:
        """As the two who decide on it say, until one takes it back."""
        link = _one_of(self._open_reviews(), which)
        decided = self._decide(lambda: decide(ALL, link.pk, decision, now=NOW))
        if decided is not None and is_undone:
            self.both_agree()
            self._decide(lambda: undo(ALL, link.pk, now=NOW))

    @rule(value=SOME(VALUES), is_killed_first=st.booleans())
    def a_value_is_blocked(self, value: tuple[str, str], *, is_killed_first: bool) -> None:
        """It identifies nobody from now on."""
        try:
            change = block_value(ALL, *value, now=NOW)
        except NotBlockable:
            return
        self._follow(change, is_killed_first=is_killed_first)

    @rule(value=SOME(VALUES))
    def a_value_is_unblocked(self, value: tuple[str, str]) -> None:
        """It identifies somebody again."""
        try:
            change = propose_unblocking(ALL, *value, now=NOW)
        except NotBlocked:
            return
        self._measure_and_apply(change, is_killed_first=False)

    @rule(change=SOME(CHANGES), is_killed_first=st.booleans())
    def a_rule_changes(self, change: tuple[str, dict[str, Any]], *, is_killed_first: bool) -> None:
        """After a dry run the rule holds, and people follow."""
        key, fields = change
        values = {**values_of(Namespace.objects.get(key=key)), **fields}
        if values["unique"] or not values["shareable"]:
            values["shared_patterns"] = []
        try:
            number = propose_change(ALL, key, values, now=NOW)  # type: ignore[arg-type]
        except NothingChanged:
            return
        self._measure_and_apply(number, is_killed_first=is_killed_first)

    @rule(value=SOME([("user_id", "u2"), ("anonymous_id", "a3"), ("email", "e1@x.org")]))
    def a_value_is_suppressed(self, value: tuple[str, str]) -> None:
        """Nothing that comes from now on is stored of whom it identifies."""
        suppress(*value, by=ALL, now=NOW)
        self.world.suppress(*value)

    @invariant()
    def both_agree(self) -> None:
        """Who is who, what is known of them, what became of each link, and where each id leads."""
        people, shared, outcomes = self.world.expected()
        assert stored.stored_outcomes() == outcomes
        assert stored.stored_shared() == shared
        assert stored.stored_people() == people
        check_ids(self.builder, stored.published())

    def _event(
        self,
        *,
        type_: str,
        email: str | None,
        plan: str | None,
        note: str | None,
        previous_id: str,
        **who: Any,
    ) -> dict[str, Any]:
        traits: dict[str, Any] = {"plan": plan} if type_ == "identify" else {}
        if type_ == "identify" and email:
            traits["email"] = email
        content: dict[str, Any] = event(
            type_, message_id=f"m{len(self.told) + 1}", traits=traits, received_at=at(7 * 24 * 60),
            previous_id=previous_id if type_ == "alias" else None, group_id="g0" if type_ == "group" else None,
            properties={"note": note} if note else {}, **who,
        )  # fmt: skip
        self.told.append(content)
        return content

    def _send(self, batch: list[dict[str, Any]]) -> None:
        self.builder.send(*batch)
        self.world.tell(batch)

    def _crash(self, batch: list[dict[str, Any]]) -> None:
        """Apply the batch, and die before it is committed."""
        before = len(self.builder.published)
        with self.builder.connection.transaction(force_rollback=True):
            self.builder.send(*batch)
        del self.builder.published[before:]

    def _decide(self, decision: Callable[[], Decided]) -> Decided | None:
        try:
            decided = decision()
        except (AlreadyDecided, Undecidable):
            return None
        stored.tell_decisions(self.world)
        return decided

    @staticmethod
    def _open_reviews() -> list[Evidence]:
        links = Evidence.objects.filter(
            Q(state="proposed") | Q(state="refused") & ~Q(refused_by="keep_apart")
        )
        links = links.exclude(a__profile=F("b__profile")).filter(
            a__profile__isnull=False, b__profile__isnull=False
        )
        return list(links.order_by("a__namespace", "a__value", "b__value", "key"))

    def _two(self, which: int, other: int) -> tuple[UUID, UUID]:
        """Two of the people, chosen by their identifiers, so that the same steps choose the same."""
        found = {row.profile.public_id: None for row in _identifiers(profile__isnull=False) if row.profile}
        rows = list(found)
        a = which % len(rows)
        return rows[a], rows[(a + 1 + other % (len(rows) - 1)) % len(rows)]

    def _measure_and_apply(self, change: int, *, is_killed_first: bool) -> None:
        assert measure(change, clock=lambda: NOW)
        apply_change(ALL, change, now=NOW)
        self._follow(change, is_killed_first=is_killed_first)

    def _follow(self, change: int, *, is_killed_first: bool) -> None:
        """Have people follow a change of rules, by a worker that dies in the middle, and another one."""
        self.world.rule_by(book_of(self.builder.connection))
        if is_killed_first:
            failpoints.arm("rules.before_commit=raise")
            try:
                continue_change(change, clock=lambda: NOW, seconds=3600)
            except FailpointReached:
                pass
            finally:
                failpoints.arm("")
        while not continue_change(change, clock=lambda: NOW, seconds=3600):
            pass


def _identifiers(**filters: Any) -> list[Identifier]:
    rows = Identifier.objects.filter(**filters).select_related("profile", "namespace")
    return list(rows.order_by("namespace__key", "value"))


def _one_of(rows: list[Any], which: int) -> Any:
    return rows[which % len(rows)]
