"""What takes a second person is done once, exactly as asked, by nobody's own approval."""

from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.access import AccessDenied, Actor, actor_of_staff
from compliance.actors import COMMAND_LINE
from compliance.domain.approvals import asking, deciding, listing, using
from compliance.domain.approvals.asking import ApprovalError, ask
from compliance.domain.approvals.kinds import CHOSEN, ApprovalKind, State
from compliance.domain.approvals.needing import ApprovalNeeded, Wish
from compliance.domain.approvals.policy import set_policy
from compliance.domain.roles.editing import change_role
from compliance.domain.roles.values import values_of
from compliance.domain.tokens import create_approved, create_token
from compliance.domain.users import UserError, create_staff, set_roles
from compliance.enums import ActorKind, Operation
from compliance.models import Approval, ApprovalPolicy, AuditEntry, NoticeReceipt, Role, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
WISH = Wish(ApprovalKind.EXPORT_PERSON, "Export of person p1", {"profile": "p1"})


def staff(name, *roles):
    create_staff(username=name, password=PASSWORD, role=roles[0], by=SYSTEM, now=NOW)
    user = User.objects.get(username=name)
    set_roles(user=user, roles=roles, by=SYSTEM)
    return actor_of_staff(User.objects.get(username=name))


@pytest.fixture
def ada(administrator):
    return actor_of_staff(administrator)


@pytest.fixture
def dora(db):
    return staff("dora", "DPO")


@pytest.fixture
def everything_takes_two(db):
    ApprovalPolicy.objects.create(kinds=list(CHOSEN))


def asked(wish, by, why="a request of 24 November"):
    return ask(wish, why=why, by=by, now=NOW)


def needed(call):
    with pytest.raises(ApprovalNeeded) as caught:
        call()
    return caught.value.wish


def approve(row, by, now=NOW):
    return deciding.approve(row.pk, seen=row.digest, why="", by=by, now=now)


def state(row):
    return Approval.objects.get(pk=row.pk).state


def test_nothing_takes_a_second_person_until_somebody_says_so(ada):
    using.use_or_ask(WISH, by=ada, now=NOW)
    assert not Approval.objects.exists()


def test_what_is_approved_is_used_once_by_who_asked(ada, dora, everything_takes_two):
    wish = needed(lambda: using.use_or_ask(WISH, by=ada, now=NOW))
    row = asked(wish, ada)
    needed(lambda: using.use_or_ask(WISH, by=ada, now=NOW))  # it only waits
    approve(row, dora)
    needed(lambda: using.use_or_ask(WISH, by=dora, now=NOW))  # somebody else's
    needed(lambda: using.use_or_ask(replace(WISH, payload={"profile": "p2"}), by=ada, now=NOW))
    using.use_or_ask(WISH, by=ada, now=NOW)
    needed(lambda: using.use_or_ask(WISH, by=ada, now=NOW))  # used up
    assert state(row) == State.DONE
    told = (
        AuditEntry.objects.filter(target=f"approval:{row.pk}").order_by("id").values_list("actor", "action")
    )
    assert list(told) == [("ada", "approval.ask"), ("dora", "approval.approve"), ("ada", "approval.use")]


def test_what_is_approved_is_of_no_use_after_a_day(ada, dora, everything_takes_two):
    row = approve(asked(WISH, ada), dora)
    needed(lambda: using.use_or_ask(WISH, by=ada, now=NOW + timedelta(hours=25)))
    assert using.expire(now=NOW + timedelta(hours=25)) == 1
    assert state(row) == State.EXPIRED


def test_nobody_approves_their_own(ada, everything_takes_two):
    row = asked(WISH, ada)
    with pytest.raises(ApprovalError, match="you asked for this yourself"):
        approve(row, ada)
    token, _ = Actor(ActorKind.TOKEN, "job", frozenset(Operation)), None
    with pytest.raises(ApprovalError):
        approve(row, token)
    assert state(row) == State.WAITING


def test_who_made_a_token_does_not_approve_what_it_asks_for(ada, dora, db):
    token, _ = create_token(name="job", scopes=["audit.view"], by=ada, now=NOW)
    program = Actor(ActorKind.TOKEN, "job", token.operations, token_id=token.pk)
    ApprovalPolicy.objects.create(kinds=list(CHOSEN))
    row = asked(WISH, program)
    with pytest.raises(ApprovalError, match="you asked for this yourself"):
        approve(row, ada)
    approve(row, dora)
    namesake, _ = create_token(name="job", scopes=["audit.view"], by=COMMAND_LINE, now=NOW)
    needed(lambda: using.use_or_ask(WISH, by=replace(program, token_id=namesake.pk), now=NOW))
    using.use_or_ask(WISH, by=program, now=NOW)


def test_only_who_approves_decides(ada, marketer, everything_takes_two):
    row = asked(WISH, ada)
    with pytest.raises(AccessDenied):
        approve(row, actor_of_staff(marketer))
    assert listing.listing(actor_of_staff(marketer)) == []


def test_a_payload_that_was_changed_in_between_is_not_approved(ada, dora, everything_takes_two):
    row = asked(WISH, ada)
    Approval.objects.filter(pk=row.pk).update(payload={"profile": "p2"})
    with pytest.raises(ApprovalError, match="not what was asked for"):
        approve(row, dora)
    Approval.objects.filter(pk=row.pk).update(payload={"profile": "p1"}, asker="staff:mallory")
    with pytest.raises(ApprovalError, match="not what was asked for"):
        approve(row, dora)
    with pytest.raises(ApprovalError, match="not what was asked for"):
        deciding.approve(row.pk, seen="0" * 32, why="", by=dora, now=NOW)


def test_what_was_withdrawn_refused_or_has_expired_is_not_approved(ada, dora, everything_takes_two):
    withdrawn = asked(WISH, ada)
    asking.withdraw(withdrawn.pk, by=ada, now=NOW)
    refused = asked(WISH, ada)
    deciding.refuse(refused.pk, why="not needed", by=dora, now=NOW)
    late = asked(WISH, ada)
    for row, now in ((withdrawn, NOW), (refused, NOW), (late, NOW + timedelta(hours=73))):
        with pytest.raises(ApprovalError, match="does not wait any more"):
            approve(row, dora, now=now)
    needed(lambda: using.use_or_ask(WISH, by=ada, now=NOW))
    using.expire(now=NOW + timedelta(hours=73))
    assert [state(row) for row in (withdrawn, refused, late)] == ["withdrawn", "refused", "expired"]


def test_a_reason_is_needed_to_ask_and_to_refuse(ada, dora, everything_takes_two):
    with pytest.raises(ApprovalError, match="say why"):
        asked(WISH, ada, why="  ")
    with pytest.raises(ApprovalError, match="say why"):
        deciding.refuse(asked(WISH, ada).pk, why="", by=dora, now=NOW)


def test_what_is_asked_twice_waits_once(ada, everything_takes_two):
    assert asked(WISH, ada).pk == asked(WISH, ada).pk


def test_those_who_decide_are_told_and_then_who_asked(ada, dora, everything_takes_two):
    def told(name):
        rows = NoticeReceipt.objects.filter(user__username=name).order_by("id")
        return [(each.notice.kind, each.notice.ended_at is None) for each in rows.select_related("notice")]

    row = asked(WISH, ada)
    assert (told("dora"), told("ada")) == ([("approval_waiting", True)], [])
    assert (listing.waiting_for(dora, now=NOW), listing.waiting_for(ada, now=NOW)) == (1, 0)
    approve(row, dora)
    assert told("dora") == [("approval_waiting", False)]
    assert [kind for kind, _ in told("ada")] == ["approval_decided"]


def marketer_change(by, **changes):
    role = Role.objects.select_related("group").get(group__name="marketer")
    before = values_of([role])[role.pk]
    return lambda: change_role(role.pk, replace(before, **changes), seen=before.version, by=by)


def test_a_change_of_a_role_is_applied_exactly_as_asked(ada, dora, everything_takes_two):
    row = asked(needed(marketer_change(ada, description="sells")), ada)
    assert Role.objects.get(group__name="marketer").description != "sells"
    approve(row, dora)
    assert Role.objects.get(group__name="marketer").description == "sells"
    entry = AuditEntry.objects.get(action="role.change")
    assert (entry.actor, entry.detail["approved_by"]) == ("ada", "dora")
    assert state(row) == State.DONE


def test_a_change_is_refused_when_what_it_was_asked_against_has_changed(ada, dora, everything_takes_two):
    row = asked(needed(marketer_change(ada, description="sells")), ada)
    marketer_change(SYSTEM, description="buys")()
    approve(row, dora)
    assert Role.objects.get(group__name="marketer").description == "buys"
    assert state(row) == State.REFUSED
    assert AuditEntry.objects.filter(action="approval.stale").exists()


def test_nobody_approves_a_change_of_their_own_roles(ada, everything_takes_two):
    eve = staff("eve", "marketer", "DPO")
    for wish in (
        needed(marketer_change(ada, description="sells")),
        needed(lambda: set_roles(user=User.objects.get(username="eve"), roles=["administrator"], by=ada)),
    ):
        row = asked(wish, ada)
        with pytest.raises(ApprovalError, match="what you may do yourself"):
            approve(row, eve)


def test_roles_are_given_once_approved_and_only_as_they_were(ada, dora, marketer, everything_takes_two):
    first = asked(needed(lambda: set_roles(user=marketer, roles=["analyst"], by=ada)), ada)
    second = asked(needed(lambda: set_roles(user=marketer, roles=["auditor"], by=ada)), ada)
    approve(first, dora)
    assert [str(role) for role in User.objects.get(pk=marketer.pk).roles] == ["analyst"]
    approve(second, dora)
    assert [str(role) for role in User.objects.get(pk=marketer.pk).roles] == ["analyst"]
    assert state(second) == State.REFUSED


def test_a_user_cannot_be_made_with_a_role_around_it(ada, everything_takes_two):
    with pytest.raises(UserError, match="takes a second person"):
        create_staff(username="new", password=PASSWORD, role="marketer", by=ada, now=NOW)
    assert not create_staff(username="new", password=PASSWORD, role="", by=ada, now=NOW).roles


def test_a_token_is_made_as_it_was_approved(ada, dora, everything_takes_two):
    wish = needed(
        lambda: create_token(
            name="Desk", scopes=["people.view"], categories=["identity"], hashed=["contact"], by=ada, now=NOW,
            expires_at=NOW + timedelta(days=30),
        )
    )  # fmt: skip
    row = approve(asked(wish, ada), dora)
    later = NOW + timedelta(hours=2)
    token, _ = create_approved(row.payload, by=ada, now=later)
    assert (token.name, token.scopes, token.categories, token.hashed) == (
        "Desk", ["people.view"], ["identity"], ["contact"],
    )  # fmt: skip
    assert token.expires_at == later + timedelta(days=30)
    needed(lambda: create_approved(row.payload, by=ada, now=later))


def test_what_takes_a_second_person_takes_one_to_change(ada, dora):
    assert set_policy(["person.export"], by=ada)
    row = asked(needed(lambda: set_policy([], by=ada)), ada)
    assert ApprovalPolicy.objects.get().kinds == ["person.export"]
    approve(row, dora)
    assert ApprovalPolicy.objects.get().kinds == []


def test_it_is_not_switched_on_while_nobody_else_could_approve(ada):
    with pytest.raises(ApprovalError, match="nobody but you may approve"):
        set_policy(["person.export"], by=ada)


def test_the_command_line_takes_no_second_person(marketer, everything_takes_two):
    set_roles(user=marketer, roles=["analyst"], by=COMMAND_LINE)
    assert not Approval.objects.exists()
