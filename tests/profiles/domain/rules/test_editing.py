"""Proposing and calling off: what rules have to keep to, and that nothing changes before it is applied."""

import pytest

from compliance.access import AccessDenied
from compliance.models import AuditEntry
from profiles.domain.rules.applying import StaleChange, apply_change
from profiles.domain.rules.dry_run import measure
from profiles.domain.rules.editing import (
    NothingChanged,
    NotOpen,
    UnknownChange,
    UnknownNamespace,
    cancel_change,
    propose_change,
    renew_change,
)
from profiles.domain.rules.history import history
from profiles.domain.rules.values import WrongValues
from profiles.enums import ChangeState
from profiles.models import Namespace, RuleChange
from tests.profiles.builder.driver import event
from tests.profiles.domain.rules.changing import NOW, applied, clock, proposed, with_fields
from tests.profiles.people import ALL, MARKETER


@pytest.mark.parametrize(
    ("key", "fields", "wrong"),
    [
        ("email", {"name": " "}, "name"), ("email", {"level": "galaxy"}, "level"), ("user_id", {"level": "group"}, "level"),
        ("email", {"priority": 0}, "priority"), ("email", {"limit": 0}, "limit"), ("email", {"limit": None, "limit_days": 3}, "limit_days"),
        ("user_id", {"shareable": True}, "shareable"), ("email", {"normaliser": "nothing"}, "normaliser"), ("email", {"paths": ["traits..x"]}, "paths"),
        ("email", {"blocked_values": ["x" * 201]}, "blocked_values"), ("email", {"blocked_patterns": ["(?=a)b"]}, "blocked_patterns"),
        ("user_id", {"shared_patterns": ["("]}, "shared_patterns"), ("email", {"content": "perhaps"}, "content"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused_at_the_field(key, fields, wrong):
    with pytest.raises(WrongValues) as caught:
        propose_change(ALL, key, with_fields(key, **fields), now=NOW)
    assert set(caught.value.problems) == {wrong}
    assert not RuleChange.objects.exists()


def test_a_namespace_that_is_unknown_and_rules_that_are_so_already_are_no_change():
    with pytest.raises(UnknownNamespace):
        propose_change(ALL, "nobody", with_fields("email"), now=NOW)
    with pytest.raises(NothingChanged):
        propose_change(ALL, "email", with_fields("email"), now=NOW)


def test_the_normal_form_stays_while_there_are_values(builder):
    assert propose_change(ALL, "phone", with_fields("phone", normaliser="text"), now=NOW)
    builder.send(event("identify", user_id="u", traits={"phone": "+31201234567"}))
    with pytest.raises(WrongValues) as caught:
        propose_change(ALL, "phone", with_fields("phone", normaliser="text"), now=NOW)
    assert "block those of another form by a pattern" in caught.value.problems["normaliser"]


def test_who_may_not_change_rules_is_refused_and_recorded():
    with pytest.raises(AccessDenied):
        propose_change(MARKETER, "email", with_fields("email", limit=1), now=NOW)
    change = proposed("email", limit=1)
    for act in (
        lambda: apply_change(MARKETER, change.pk, now=NOW),
        lambda: cancel_change(MARKETER, change.pk),
        lambda: renew_change(MARKETER, change.pk, now=NOW),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert AuditEntry.objects.filter(action="access.denied", target="identity.rules").count() >= 4
    assert RuleChange.objects.get().state == ChangeState.READY


def test_cancelled_it_changes_nothing_and_cannot_be_applied():
    change = proposed("email", limit=1)
    cancel_change(ALL, change.pk)
    assert Namespace.objects.get(key="email").limit == 5
    with pytest.raises(NotOpen, match="cancelled"):
        apply_change(ALL, change.pk, now=NOW)
    with pytest.raises(NotOpen):
        cancel_change(ALL, change.pk)
    assert not measure(change.pk, clock=clock)
    with pytest.raises(UnknownChange):
        apply_change(ALL, 10**9, now=NOW)


def test_one_that_was_not_measured_cannot_be_applied():
    change = propose_change(ALL, "email", with_fields("email", limit=1), now=NOW)
    with pytest.raises(NotOpen, match="measured"):
        apply_change(ALL, change, now=NOW)


def test_figures_hold_for_the_rules_that_they_were_made_with():
    change, other = proposed("email", limit=1), proposed("phone", limit=1)
    applied(other)
    with pytest.raises(StaleChange):
        apply_change(ALL, change.pk, now=NOW)
    renewed = renew_change(ALL, change.pk, now=NOW)
    assert RuleChange.objects.get(pk=change.pk).state == ChangeState.CANCELLED
    assert measure(renewed, clock=clock)
    assert applied(RuleChange.objects.get(pk=renewed)).state == ChangeState.DONE
    assert Namespace.objects.get(key="email").limit == 1


def test_the_history_says_who_changed_what():
    change = applied(proposed("email", limit=2, blocked_values=["nobody@x.org"]))
    past, *_ = history(Namespace.objects.get(key="email"))
    assert (past.by, past.change) == ("test", change.pk)
    said = {each.field: (each.before, each.after) for each in past.differences}
    assert said["limit"] == ("5", "2")
    assert said["blocked_values"][1] == "nobody@x.org"
    actions = AuditEntry.objects.filter(detail__change=change.pk).order_by("id")
    assert [each.action for each in actions] == ["identity.rules.propose", "identity.rules.apply"]
