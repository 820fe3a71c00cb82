"""What the screens ask of control."""

from uuid import uuid4

import pytest

from compliance.access import AccessDenied
from compliance.actors import NOBODY
from compliance.audit import record_read
from compliance.domain.looking_up import entries_about, roles_allowing, roles_seeing
from compliance.enums import Category, Operation
from compliance.models import AuditEntry
from tests.compliance.conftest import SYSTEM

pytestmark = pytest.mark.django_db


def test_roles_that_may_see_and_do():
    seeing = roles_seeing()
    assert seeing[Category.CONTACT] == ["DPO", "administrator", "support agent"]
    assert set(seeing[Category.BEHAVIOUR]) >= {"administrator", "marketer"}
    assert "marketer" not in roles_allowing(Operation.PAYLOADS_VIEW)


def test_the_trail_about_some_people_is_read_newest_first_and_the_reading_is_kept():
    one, other = uuid4(), uuid4()
    for subject in (one, other, one):
        record_read(SYSTEM, action="person.read", subjects=[subject], categories=[Category.CONTACT])
    rows = entries_about(SYSTEM, [one])
    assert [row.categories for row in rows] == [["contact"], ["contact"]]
    assert rows[0].id > rows[1].id
    assert entries_about(SYSTEM, [one], before=rows[0].id)[0].id == rows[1].id
    assert AuditEntry.objects.filter(action="audit.read").count() == 2


def test_who_may_not_see_the_trail_is_refused():
    with pytest.raises(AccessDenied):
        entries_about(NOBODY, [uuid4()])
