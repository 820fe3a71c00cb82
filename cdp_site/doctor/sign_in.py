"""Accounts for emergencies: sealed again after each use."""

from cdp_site.doctor.finding import Finding, good, warning
from compliance.domain.break_glass import to_renew

SUBJECT = "break-glass"


def check_break_glass() -> Finding:
    """Whether the password of each was renewed since it was used. The tables must be there."""
    used = to_renew()
    if used:
        return warning(
            SUBJECT, f"the sealed password of {', '.join(used)} was used and is still the same",
            "Renew it on the account's page under Settings, Users and roles, or by `manage.py create_break_glass NAME --renew`, and seal the new one.",
        )  # fmt: skip
    return good(SUBJECT, "no sealed password was used since it was made")
