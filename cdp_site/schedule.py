"""When periodic jobs run. Beat copies this into the database, where the admin can change it until the next start."""

from datetime import timedelta
from typing import Any

from ingestion.sources.resuming import RESUMES_EVERY


def every(task: str, interval: timedelta, *, waits: timedelta | None = None) -> dict[str, Any]:
    """Run the task each `interval`; one that could not begin before the next is due, or within `waits`, is dropped."""
    expires = interval if waits is None else waits
    return {"task": task, "schedule": interval, "options": {"expire_seconds": int(expires.total_seconds())}}


def following_directory(seconds: int) -> dict[str, dict[str, Any]]:
    """The entry that follows the directory so often."""
    return {"Follow the directory": every("compliance.tasks.follow_directory", timedelta(seconds=seconds))}


BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "Resume imports": every("ingestion.tasks.resume_imports", timedelta(seconds=5)),
    "Resume runs of connections": every("ingestion.tasks.resume_connection_runs", RESUMES_EVERY),
    "Create event topics": every("ingestion.tasks.create_event_topics", timedelta(seconds=5)),
    "Resume resubmissions": every("streaming.tasks.resume_resubmissions", timedelta(seconds=5)),
    "Apply the log's retention": every("streaming.tasks.apply_log_retention", timedelta(minutes=10)),
    "Renew lifecycles": every("profiles.tasks.renew_lifecycles", timedelta(minutes=10)),
    "End visits": every("profiles.tasks.end_visits", timedelta(seconds=5)),
    "Recompute clusters": every("profiles.tasks.recompute_clusters", timedelta(seconds=1)),
    "Follow handovers": every("profiles.tasks.follow_handovers", timedelta(seconds=5)),
    "Undo imports": every("profiles.tasks.undo_imports", timedelta(seconds=2)),
    "Learn the sources of people": every("profiles.tasks.learn_sources", timedelta(seconds=5)),
    "Resume changes of rules": every("profiles.tasks.resume_rule_changes", timedelta(seconds=5)),
    "Count links of values": every("profiles.tasks.measure_links", timedelta(minutes=1)),
    "Forget blocked values that came": every("profiles.tasks.forget_blocked_hits", timedelta(days=1)),
    "Forget suppressed messages": every("profiles.tasks.forget_suppressed_messages", timedelta(days=1)),
    "Resume reconciliations": every("cdp_site.tasks.resume_reconciliations", timedelta(minutes=1)),
    "Reconcile the pipeline": every("cdp_site.tasks.reconcile_nightly", timedelta(days=1)),
    "Watch the installation": every("cdp_site.tasks.watch_installation", timedelta(minutes=1)),
    # Threads may all be taken for a while: then the first one seals for all that waited.
    "Seal the audit trail": every(
        "compliance.tasks.seal_audit_trail", timedelta(seconds=1), waits=timedelta(minutes=1)
    ),
    **following_directory(45),
    "Watch for unusual access": every("compliance.tasks.watch_access", timedelta(seconds=10)),
    "Deliver anchors of the audit trail": every(
        "compliance.tasks.deliver_audit_anchor", timedelta(minutes=1)
    ),
    "Expire approvals": every("compliance.tasks.expire_approvals", timedelta(minutes=1)),
    "Forget ended sessions": every("compliance.tasks.forget_ended_sessions", timedelta(minutes=1)),
    "Forget failed sign-ins": every("compliance.tasks.forget_failed_sign_ins", timedelta(hours=1)),
    "Send notices by e-mail": every("compliance.tasks.send_notices", timedelta(seconds=5)),
    "Make the digests": every("compliance.tasks.make_digests", timedelta(minutes=5)),
    "Forget old notices": every("compliance.tasks.forget_old_notices", timedelta(days=1)),
    "Resume sending out of quarantine": every("ingestion.tasks.resume_resends", timedelta(seconds=5)),
    "Tell of quarantine": every("ingestion.tasks.tell_of_quarantine", timedelta(minutes=1)),
    "Forget old events in quarantine": every("ingestion.tasks.forget_quarantined", timedelta(hours=6)),
    "Expire examples of the catalogue": every("ingestion.tasks.expire_catalogue", timedelta(days=1)),
    "Forget payloads of webhooks": every("ingestion.tasks.forget_webhook_payloads", timedelta(hours=1)),
    "Delete unused copies of files": every("ingestion.tasks.delete_unused_copies", timedelta(minutes=30)),
    "Delete old uploads": every("ingestion.tasks.delete_old_uploads", timedelta(hours=1)),
}
