"""JSON that is well-formed and yet cannot be kept, in every field that takes JSON: refused in words, and nothing breaks later."""

import pytest

from ingestion.models import Resend, Stream, TrackingPlan
from tests.ingestion.admin.test_catalogue import held, nothing_decided  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_connections import _form, database, made  # noqa: F401 -- fixtures
from tests.ingestion.admin.test_plans import address_of
from tests.ingestion.admin.test_webhooks import FORM, webhook  # noqa: F401 -- fixtures

NUL, LONE, DEEP = "a\\u0000b", "a\\ud800b", '{"a":' * 20_000 + "1" + "}" * 20_000
MAPPINGS = [
    DEEP,
    "[" * 60_000,
    f'{{"type": "track", "event": "{NUL}", "user_id": "id"}}',
    f'{{"type": "track", "event": "{LONE}", "user_id": "id"}}',
    f'{{"type": "identify", "user_id": "id", "traits": {{"{NUL}": "email"}}}}',
    '{"type": "identify", "user_id": "id", "traits": {"a": {"value": NaN}}}',
    '{"type": "identify", "user_id": "id", "traits": {"a": {"value": 1e999}}}',
    '{"type": "identify", "user_id": "id", "traits": {"a": {"value": 99999999999999999999}}}',
]
_IN_SCHEMAS = [
    f'{{"properties": {{"{NUL}": {{"type": "string"}}}}}}',
    f'{{"properties": {{"a": {{"const": "{NUL}"}}}}}}',
    f'{{"title": "{NUL}"}}',
    '{"properties": {"a": {"minimum": 99999999999999999999999}}}',
    '{"properties": {"a": {"maximum": 1e300}}}',
]
PLANS = [DEEP, f'{{"track:{NUL}": {{}}}}', *(f'{{"track:Order": {schema}}}' for schema in _IN_SCHEMAS)]
STEPS = [
    DEEP,
    f'[{{"do": "rename", "key": "total", "to": "{NUL}"}}]',
    f'[{{"do": "default", "key": "a", "value": "{LONE}"}}]',
    '[{"do": "default", "key": "a", "value": 99999999999999999999999}]',
]


@pytest.mark.parametrize("mapping", MAPPINGS, ids=range(len(MAPPINGS)))
def test_a_mapping_of_a_stream(administrator, made, mapping):  # noqa: F811
    address = f"/admin/connections/{made.pk}"
    answer = administrator.post(f"{address}/streams/new/", _form(mapping=mapping))
    assert answer.status_code == 400
    assert "The mapping" in answer.content.decode()
    looked = administrator.post(f"{address}/streams/new/", _form(mapping=mapping, look="1"))
    part = administrator.post(f"{address}/preview/", _form(mapping=mapping))
    assert (looked.status_code, part.status_code) == (200, 200)
    assert not Stream.objects.exists()


@pytest.mark.parametrize("mapping", MAPPINGS, ids=range(len(MAPPINGS)))
def test_a_mapping_of_a_webhook(administrator, webhook, mapping):  # noqa: F811
    address, before = f"/admin/webhooks/{webhook.pk}/", webhook.mapping
    answer = administrator.post(f"{address}save/", {**FORM, "mapping": mapping})
    assert answer.status_code == 400
    assert administrator.post(f"{address}preview/", {"mapping": mapping}).status_code == 200
    webhook.refresh_from_db()
    assert webhook.mapping == before


@pytest.mark.parametrize("events", PLANS, ids=range(len(PLANS)))
def test_a_plan(administrator, source, events):
    address = f"/admin/plans/{source.pk}/"
    assert administrator.post(address, {"events": events}).status_code == 400
    for part in ("try/", "publish/"):
        assert administrator.post(f"{address}{part}", {}).status_code < 500
    assert administrator.get(address).status_code == 200


@pytest.mark.parametrize("schema", _IN_SCHEMAS)
def test_an_event_of_a_plan(administrator, source, schema):
    administrator.post(f"/admin/plans/{source.pk}/events/", {"type": "track", "event": "Order"})
    answer = administrator.post(address_of(source, "track:Order"), {"schema": schema})
    assert answer.status_code == 400
    assert "cannot be kept" in answer.content.decode()
    assert (
        administrator.post(address_of(source, "track:Order", "try/"), {"schema": schema}).status_code == 200
    )
    assert TrackingPlan.objects.get().draft["events"] == {"track:Order": {"type": "object", "properties": {}}}


@pytest.mark.parametrize("steps", STEPS, ids=range(len(STEPS)))
def test_steps_of_quarantine(administrator, source, steps, monkeypatch):
    monkeypatch.setattr("ingestion.tasks.run_resend.delay", lambda *, resend_id: None)
    address = f"/admin/quarantine/{held(source, '12.5', 'much').pk}/"
    for end in ("", "resend/"):
        assert administrator.post(f"{address}{end}", {"steps": steps}).status_code < 500
    for job in Resend.objects.all():
        assert administrator.get(f"/admin/quarantine/jobs/{job.pk}/").status_code == 200
