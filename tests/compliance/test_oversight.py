"""Who sees why messages were refused, who decides, and what of it is kept."""

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import ActorKind, Category, Operation
from compliance.models import AuditEntry
from streaming.domain.oversight import look, record_decision, require_decider

pytestmark = pytest.mark.django_db


def viewer(*categories: Category) -> Actor:
    return Actor(
        ActorKind.STAFF, "mia", frozenset({Operation.PIPELINE_VIEW}), categories=frozenset(categories)
    )


def rows() -> list[tuple[str, str, list[str]]]:
    return list(AuditEntry.objects.order_by("id").values_list("actor", "action", "categories"))


def shown(actor: Actor | None) -> bool:
    return look(actor, action="dead_letters.list", target="dead letters", found=3)


def test_reasons_can_quote_anything_so_who_sees_everything_sees_them_and_each_look_is_kept():
    assert shown(viewer(*Category))
    assert not shown(viewer(*(each for each in Category if each is not Category.CONTACT)))
    assert shown(None)
    assert rows() == [
        ("mia", "dead_letters.list", ["unclassified"]),
        ("mia", "dead_letters.list", []),
        ("command line", "dead_letters.list", ["unclassified"]),
    ]


def test_who_may_not_look_or_decide_is_refused():
    with pytest.raises(AccessDenied):
        shown(Actor(ActorKind.STAFF, "otto"))
    with pytest.raises(AccessDenied):
        require_decider(viewer(Category.UNCLASSIFIED))
    require_decider(None)
    assert [action for _, action, _ in rows()] == ["access.denied", "access.denied"]


def test_a_decision_is_kept_with_who_made_it():
    record_decision(None, action="dead_letters.discard", target="dead letter 7", detail={"done": 1})
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.target, entry.detail) == ("command line", "dead letter 7", {"done": 1})
