"""Mending quarantined events in a form: rows or JSON, with a preview, sent on by a job."""

import pytest

from ingestion.admin.mending_form import StepRow, row_of, step_of, suggested
from ingestion.models import Quarantined, Resend
from tests.ingestion.admin.test_catalogue import XSS, held


def step(number, **fields):
    return {f"step-{number}-{field}": value for field, value in fields.items()}


STEPS = [
    {"do": "rename", "key": "totl", "to": "total"}, {"do": "cast", "key": "total", "to": "integer"},
    {"do": "default", "key": "currency", "value": "EUR"}, {"do": "default", "key": "n", "value": 1.5},
    {"do": "default", "key": "t", "value": True}, {"do": "default", "key": "s", "value": "12"},
    {"do": "drop", "key": "debug"}, {"do": "rename_event", "to": "Order Completed"},
]  # fmt: skip


@pytest.mark.parametrize("given", STEPS)
def test_every_step_can_be_filled_in(given):
    assert step_of(row_of(given)) == given


def test_the_reason_suggests_how_to_mend():
    assert suggested("`total` should be a number; `n` is missing; `paid` should be true or false") == [
        StepRow("cast", "total", cast="number"), StepRow("cast", "paid", cast="boolean"),
    ]  # fmt: skip
    assert suggested("`products[].price` should be a number; `x` should be a number or null") == []


def test_rows_are_previewed_as_they_are_filled_in(administrator, source):
    address = f"/admin/quarantine/{held(source, '12.5', 'much').pk}/"
    page = administrator.get(address).content.decode()
    assert "1 of the 2 newest would pass" in page
    assert 'value="total"' in page
    for text in ("&quot;12.5&quot;", ">12.5<"):
        assert text in page, "what is only read as another type is told apart"
    assert page.count("as before") == 5, "name and e-mail of each, and the value that cannot be read"
    posted = {**step(0, do="drop", key="total"), **step(3, do="rename", key="email", to=XSS)}
    part = administrator.post(address, posted, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    assert "2 of the 2 newest would pass" in part
    assert XSS not in part
    whole = administrator.post(address, posted).content.decode()
    assert "rename" in whole
    wrong = administrator.post(address, step(0, do="rename", key="total", to=""))
    assert wrong.status_code == 400
    assert "needs `to`" in wrong.content.decode()
    many = {key: value for number in range(21) for key, value in step(number, do="drop", key="a").items()}
    assert "at most 20" in administrator.post(address, many).content.decode()


def test_what_steps_do_not_reach_is_said(administrator, source):
    row = held(source, "much")
    said = "stands within a value, where steps do not reach"
    assert said not in administrator.get(f"/admin/quarantine/{row.pk}/").content.decode()
    Quarantined.objects.update(reason="`products[].price` should be a number")
    assert said in administrator.get(f"/admin/quarantine/{row.pk}/").content.decode()


def test_json_and_rows_are_the_same_steps(administrator, source):
    address = f"/admin/quarantine/{held(source, 'much').pk}/"
    page = administrator.post(
        address, {"steps": '[{"do": "default", "key": "plan", "value": "gold"}]'}
    ).content.decode()
    assert 'name="step-0-key" value="plan"' in page
    assert 'name="step-0-value" value="gold"' in page
    page = administrator.post(address, step(0, do="drop", key="total")).content.decode()
    assert "&quot;do&quot;: &quot;drop&quot;" in page


def test_what_was_filled_in_is_what_the_job_does(administrator, source, monkeypatch):
    told = []
    monkeypatch.setattr("ingestion.tasks.run_resend.delay", lambda *, resend_id: told.append(resend_id))
    address = f"/admin/quarantine/{held(source, '12.5').pk}/"
    answer = administrator.post(f"{address}resend/", step(0, do="cast", key="total", cast="number"))
    job = Resend.objects.get()
    assert answer.headers["Location"] == f"/admin/quarantine/jobs/{job.pk}/"
    assert job.steps == [{"do": "cast", "key": "total", "to": "number"}]
    assert told == [job.pk]


def test_an_event_in_quarantine_leads_to_its_trace(administrator, marketer, source):
    address = f"/admin/quarantine/{held(source, 'much').pk}/trace/"
    assert "In quarantine" in administrator.get(address).content.decode()
    assert administrator.get("/admin/quarantine/999999/trace/").status_code == 404
