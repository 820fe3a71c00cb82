"""What is wrong with the audit trail."""

from cdp_site.home.findings import Finding
from cdp_site.words import duration, grouped
from compliance.sealing.condition import unsealed


def audit_findings() -> list[Finding]:
    """Whether rows wait for the sealer for long."""
    waiting = unsealed()
    if not waiting.is_late:
        return []
    return [
        Finding(
            "bad",
            f"{grouped(waiting.count)} rows of the audit trail are not sealed, the oldest for {duration(waiting.age)}",
            "A job seals them each second: see that a scheduler and a worker run. Unsealed rows could be changed unnoticed.",
            "audit",
        )
    ]
