"""A sealer that stands is told by Home, the doctor, the metrics and a notice; so is that anchors stay here."""

from datetime import UTC, datetime, timedelta

import pytest

from cdp_site.doctor.audit import check_audit_trail
from cdp_site.doctor.finding import Verdict
from cdp_site.home.auditing import audit_findings
from cdp_site.metrics.audit import audit_figures
from cdp_site.watching import watch
from compliance.models import Notice
from compliance.sealing.sealer import seal
from tests.compliance.notices.conftest import make_staff
from tests.compliance.sealing.trail import look

NOW = datetime.now(UTC)


@pytest.fixture
def old_rows(fresh_database):
    make_staff("ada", "administrator")
    look(3)
    with fresh_database.connect(autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE compliance_auditentry SET at = at - interval '3 minutes'")


def figures() -> dict[str, float]:
    return {metric.name: metric.samples[0].value for metric in audit_figures(NOW)}


def test_rows_that_wait_for_long(old_rows):
    [finding] = audit_findings()
    assert (finding.tone, finding.screen) == ("bad", "audit")
    assert "3 rows of the audit trail are not sealed, the oldest for 3 min" in finding.text
    found = next(check_audit_trail())
    assert found.verdict is Verdict.WRONG
    assert "beat" in found.remedy
    assert figures()["headwater_audit_unsealed_rows"] == 3
    assert figures()["headwater_audit_unsealed_age_seconds"] > 180
    watch(now=NOW)
    assert "are not sealed" in Notice.objects.get(kind="audit_unsealed").subject


def test_its_end(old_rows):
    watch(now=NOW)
    seal()
    assert audit_findings() == []
    assert next(check_audit_trail()).verdict is Verdict.GOOD
    assert figures()["headwater_audit_unsealed_rows"] == 0
    assert figures()["headwater_audit_sealed_rows"] == 3
    watch(now=NOW + timedelta(minutes=10))
    assert Notice.objects.get(kind="audit_unsealed").ended_at is not None


def test_where_anchors_go(fresh_database, settings):
    _, anchors, *_ = check_audit_trail()
    assert anchors.verdict is Verdict.WARNING
    settings.AUDIT_ANCHORS = ["file:/srv/a", "https://anchors.example.com/s3cret"]
    _, anchors, *_ = check_audit_trail()
    assert anchors.verdict is Verdict.GOOD
    assert "https://anchors.example.com" in anchors.text
    assert "s3cret" not in anchors.text
