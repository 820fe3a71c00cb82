"""Attack 24 by another name: a mapping or a step that calls a closed value by the name of an open one."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile

from compliance.enums import Category, Operation
from compliance.models import Role
from ingestion.models import FileImport
from tests.ingestion.admin.test_catalogue import held, nothing_decided  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_connections import _form, database, made  # noqa: F401 -- fixtures

EMAIL = "jane@example.com"
CSV = f"customer_id,email,city,date\nc-1,{EMAIL},Leeds,2025-03-01\n".encode()
MAPPINGS = [
    {"type": "identify", "user_id": "id", "traits": {"city": "email"}},
    {"type": "track", "event": "Seen", "user_id": "id", "properties": {"plan": {"path": "email"}}},
    {"type": "track", "event": "Seen", "user_id": "email", "properties": {"plan": "id"}},
]


@pytest.fixture
def engineer(client_of):
    """Somebody who may do everything, to whom contact data are closed."""
    seen = [each for each in Category if each is not Category.CONTACT]
    Role.objects.create(
        group=Group.objects.create(name="engineer"), operations=list(Operation), categories=seen
    )
    return client_of("engineer")


@pytest.mark.parametrize("mapping", MAPPINGS, ids=range(len(MAPPINGS)))
def test_a_mapping_of_a_stream(administrator, engineer, made, mapping):  # noqa: F811
    address, form = f"/admin/connections/{made.pk}/preview/", _form(mapping=json.dumps(mapping))
    assert EMAIL in administrator.post(address, form).content.decode()
    shown = engineer.post(address, form).content.decode()
    assert EMAIL not in shown


def test_what_a_condition_asks_of_a_closed_value_is_not_told(engineer, made):  # noqa: F811
    address = f"/admin/connections/{made.pk}/preview/"

    def told(guess: str) -> str:
        rules = [
            {
                "when": [{"path": "email", "is": guess}],
                "type": "identify",
                "user_id": "id",
                "traits": {"city": "id"},
            }
        ]
        shown: str = engineer.post(address, _form(mapping=json.dumps({"events": rules}))).content.decode()
        return shown

    assert told(EMAIL) == told("nobody@example.com")


def test_what_is_open_still_shows(engineer, made):  # noqa: F811
    form = _form(
        mapping='{"type": "identify", "user_id": "id", "traits": {"customer_number": "id", "email": "email"}}'
    )
    shown = engineer.post(f"/admin/connections/{made.pk}/preview/", form).content.decode()
    assert "customer_number" in shown
    assert EMAIL not in shown


@pytest.mark.parametrize(
    "target",
    [("traits", "city"), ("traits", "plan"), ("user_id", "")],
)
def test_a_column_of_a_file(administrator, engineer, tmp_path, settings, target):
    settings.HEADWATER_HOME = tmp_path
    administrator.post(
        "/admin/imports/new/", {"source": "Orders", "file": SimpleUploadedFile("people.csv", CSV)}
    )
    address = f"/admin/imports/{FileImport.objects.get().pk}/preview/"
    place, key = target
    taken = {"place-0": "user_id", "kind-0": "text"} if place != "user_id" else {}
    form = {
        "event_type": "identify", "time_zone": "UTC", "time_of_day": "12:00", **taken, "place-1": place, "key-1": key, "kind-1": "text",
        "place-2": "traits", "key-2": "region", "kind-2": "text", "place-3": "timestamp", "kind-3": "time",
    }  # fmt: skip
    assert EMAIL in administrator.post(address, form).content.decode()
    shown = engineer.post(address, form).content.decode()
    assert EMAIL not in shown
    assert "Leeds" in shown


def test_a_step_that_mends(administrator, engineer, source):
    address = f"/admin/quarantine/{held(source, 'much').pk}/"
    for steps in (
        [{"do": "rename", "key": "email", "to": "city"}],
        [{"do": "rename", "key": "email", "to": "x"}, {"do": "rename", "key": "x", "to": "plan"}],
        [{"do": "cast", "key": "email", "to": "text"}, {"do": "rename", "key": "email", "to": "coupon"}],
    ):
        assert EMAIL in administrator.post(address, {"steps": json.dumps(steps)}).content.decode()
        assert EMAIL not in engineer.post(address, {"steps": json.dumps(steps)}).content.decode()
