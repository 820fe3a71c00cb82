"""Binding a source to a purpose on its page: from then on the rules that its events are accepted by say so."""

from django.urls import reverse

from compliance.models import AuditEntry
from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.plans.loading import load_rules
from ingestion.models import Source
from tests.ingestion.admin.conftest import NOW


def test_a_source_collects_for_a_purpose_until_it_is_let_go(administrator, source):
    where = reverse("admin:source_purpose", args=[source.pk])
    page = administrator.post(where, {"purpose": "advertising"}, follow=True).content.decode()
    assert "takes only events of people who may be used for: advertising" in page
    assert '<option value="advertising" selected>' in page
    envelope = Envelope(source_id=source.pk, received_at=NOW, rules=load_rules()[source.pk])
    item = {"type": "identify", "userId": "u", "traits": {"x": 1}}
    assert accept_item(item, envelope)["collected_for"] == "advertising"
    refusing = {**item, "context": {"consent": {"categoryPreferences": {"C0004": False}}}}
    assert accept_item(refusing, envelope)["traits"] == {}
    assert AuditEntry.objects.get(action="source.purpose").detail == {"purpose": "advertising"}
    administrator.post(where, {"purpose": ""})
    assert source.pk not in load_rules()


def test_a_purpose_that_there_is_not_is_refused(administrator, source):
    administrator.post(reverse("admin:source_purpose", args=[source.pk]), {"purpose": "spying"})
    assert Source.objects.get().purpose == ""


def test_who_may_not_manage_sources_is_refused(marketer, source):
    answer = marketer.post(reverse("admin:source_purpose", args=[source.pk]), {"purpose": "advertising"})
    assert answer.status_code == 403
    assert Source.objects.get().purpose == ""
