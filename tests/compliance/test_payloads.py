import pytest

from compliance.access import Actor
from compliance.enums import ActorKind, Operation
from compliance.models import AuditEntry
from streaming.domain.payloads import PayloadDenied, require_payload

pytestmark = pytest.mark.django_db


def rows():
    return list(AuditEntry.objects.values_list("actor", "action", "target"))


def test_who_may_see_payloads_leaves_a_row():
    operator = Actor(ActorKind.STAFF, "otto", frozenset({Operation.PAYLOADS_VIEW}))
    require_payload(operator, "dead letter 17")
    assert rows() == [("otto", "payload.view", "dead letter 17")]


def test_who_may_not_is_refused_and_leaves_a_row():
    with pytest.raises(PayloadDenied, match="the payload of dead letter 17"):
        require_payload(Actor(ActorKind.STAFF, "mia", frozenset({Operation.PIPELINE_VIEW})), "dead letter 17")
    assert rows() == [("mia", "access.denied", "payloads.view")]


def test_the_command_line_may():
    require_payload(None, "dead letter 17")
    assert rows() == [("command line", "payload.view", "dead letter 17")]
