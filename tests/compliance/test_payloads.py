import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import ActorKind, Category, Operation
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from compliance.payloads import require_payloads
from streaming.domain.payloads import PayloadDenied, require_payload

pytestmark = pytest.mark.django_db
_CONTENT = b'{"user_id": " 42 ", "anonymous_id": null, "properties": {"user_id": "43"}}'


def rows():
    return list(AuditEntry.objects.values_list("actor", "action", "target"))


def test_who_may_see_payloads_leaves_a_row():
    operator = Actor(ActorKind.STAFF, "otto", frozenset({Operation.PAYLOADS_VIEW}), frozenset(Category))
    require_payload(operator, "dead letter 17", _CONTENT)
    assert rows() == [("otto", "payload.view", "dead letter 17")]
    row = AuditEntry.objects.get()
    assert (row.subjects, set(row.categories)) == ([pseudonym("user_id:42")], set(Category))


@pytest.mark.parametrize("content", [None, b"", b"no JSON", b"[1]", b'{"user_id": 42}', b"\xff"])
def test_of_a_message_that_names_nobody_the_look_stands_alone(content):
    require_payload(None, "dead letter 17", content)
    assert AuditEntry.objects.get().subjects == []


@pytest.mark.parametrize("closed", list(Category))
def test_who_does_not_see_every_category_is_refused_because_nothing_can_be_masked(closed):
    sees = frozenset(set(Category) - {closed})
    operator = Actor(ActorKind.STAFF, "otto", frozenset({Operation.PAYLOADS_VIEW}), sees)
    with pytest.raises(PayloadDenied):
        require_payload(operator, "dead letter 17", _CONTENT)
    with pytest.raises(AccessDenied, match="sight of every category"):
        require_payloads(operator)
    assert rows() == [("otto", "access.denied", "payloads.view")] * 2


def test_who_may_not_is_refused_and_leaves_a_row():
    mia = Actor(ActorKind.STAFF, "mia", frozenset({Operation.PIPELINE_VIEW}))
    with pytest.raises(PayloadDenied, match="the payload of dead letter 17"):
        require_payload(mia, "dead letter 17", _CONTENT)
    assert rows() == [("mia", "access.denied", "payloads.view")]


def test_the_command_line_may():
    require_payload(None, "dead letter 17", _CONTENT)
    assert rows() == [("command line", "payload.view", "dead letter 17")]
