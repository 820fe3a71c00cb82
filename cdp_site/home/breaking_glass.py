"""Who is in with an account for emergencies."""

from datetime import datetime

from cdp_site.home.findings import Finding
from compliance.domain.break_glass import open_ones


def break_glass_findings(*, now: datetime) -> list[Finding]:
    """One for each open session of a break-glass account."""
    return [
        Finding(
            "bad",
            f"{session.user.username} is signed in{f' from {session.address}' if session.address else ''}",
            "A break-glass account is for emergencies. If nobody told you why, sign it out on its page, and ask.",
            "user",
            session.user_id,
        )
        for session in open_ones(now=now)
    ]
