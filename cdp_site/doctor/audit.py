"""The audit trail: sealed each second, with anchors elsewhere, and kept from changes."""

from collections.abc import Iterator

from django.conf import settings

from cdp_site.doctor.finding import Finding, good, warning, wrong
from cdp_site.words import duration, grouped
from compliance.sealing.condition import Unsealed, unsealed
from compliance.sealing.delivery.delivering import shown
from compliance.sealing.delivery.places import is_off_host
from compliance.sealing.privileges import Protection, protection

SUBJECT = "audit trail"


def check_audit_trail() -> Iterator[Finding]:
    """All of it. The database must be migrated."""
    yield check_sealer(unsealed())
    yield _anchors(settings.AUDIT_ANCHORS)
    yield check_protection(protection(), is_embedded=settings.EMBEDDED_POSTGRES)


def check_sealer(waiting: Unsealed) -> Finding:
    """Whether rows are sealed soon after they were committed."""
    if waiting.is_late:
        return wrong(
            SUBJECT, f"{grouped(waiting.count)} rows are not sealed, the oldest for {duration(waiting.age)}",
            "Start `celery -A cdp_site beat` and `celery -A cdp_site worker --pool=threads`: the sealer runs in a job each second.",
        )  # fmt: skip
    return good(SUBJECT, "rows are sealed within a minute")


def _anchors(places: list[str]) -> Finding:
    elsewhere = [shown(place) for place in places if is_off_host(place)]
    if not elsewhere:
        return warning(
            SUBJECT, "its anchors stay on this machine: who owns it could rewrite the trail with them",
            "Let AUDIT_ANCHORS name a file on another system, an HTTP address or a syslog server: docs/guides/audit-trail.md.",
        )  # fmt: skip
    return good(SUBJECT, f"its anchors go to {', '.join(elsewhere)}")


def check_protection(held: Protection, *, is_embedded: bool) -> Finding:
    """What keeps rows from being changed. The only role of the embedded server may everything, which cannot be helped."""
    if not held.has_triggers:
        return wrong(
            SUBJECT, "the triggers that refuse changes are off or gone",
            "Find out who did so, run `manage.py verify_audit`, then as the table's owner: ALTER TABLE compliance_auditentry "
            "ENABLE TRIGGER USER. If they are gone, migrate compliance back to 0004 and forth again.",
        )  # fmt: skip
    if held.by_privileges:
        may_drop = "; it owns the schema, and could drop the trail as a whole" if held.may_drop else ""
        return good(SUBJECT, f"the role {held.role} may only add rows, read them and seal them{may_drop}")
    text = f"triggers refuse changes; the role {held.role} owns the table and could remove them, which anchors elsewhere would show"
    if is_embedded:
        return good(SUBJECT, text)
    remedy = f"Run `manage.py protect_audit_trail --application {held.role}`: it prints what the database's administrator runs."
    return warning(SUBJECT, text, remedy)
