"""Which attributes close an account, and when."""

from datetime import UTC, datetime

import pytest

from compliance.domain.directory.entries import entry_of
from compliance.domain.directory.standing import closed_because, hindered_because

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = 20781  # since 1970
TICKS = 134_399_952_000_000_000  # of Windows, at NOW


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("userAccountControl", "512", ""),
        ("userAccountControl", "514", "disabled"),
        ("userAccountControl", "66050", "disabled"),
        ("userAccountControl", "528", ""),  # locked out for a while
        ("userAccountControl", "so-so", ""),
        ("accountExpires", "0", ""),
        ("accountExpires", "9223372036854775807", ""),
        ("accountExpires", str(TICKS), "expired"),
        ("accountExpires", str(TICKS + 10_000_000), ""),
        ("pwdAccountLockedTime", "000001010000Z", "locked"),
        ("pwdAccountLockedTime", "20261124115900Z", ""),  # passes by itself
        ("pwdEndTime", "20261124120000Z", "expired"),
        ("pwdEndTime", "20261124120001Z", ""),
        ("nsAccountLock", "TRUE", "disabled"),
        ("nsAccountLock", "false", ""),
        ("krbPrincipalExpiration", "20250101000000Z", "expired"),
        ("shadowExpire", str(DAY), "expired"),
        ("shadowExpire", str(DAY + 1), ""),
        ("shadowExpire", "-1", ""),
        ("shadowExpire", "0", ""),
    ],
)
def test_what_closes_an_account(attribute, value, reason):
    entry = entry_of("uid=ann,dc=x", {attribute: [value.encode()]})
    assert closed_because(entry, now=NOW) == reason


@pytest.mark.parametrize(
    ("attribute", "value", "reason"),
    [
        ("msDS-User-Account-Control-Computed", "16", "locked"),
        ("msDS-User-Account-Control-Computed", "8388608", "password"),
        ("msDS-User-Account-Control-Computed", "8388624", "locked"),
        ("msDS-User-Account-Control-Computed", "0", ""),
        ("pwdLastSet", "0", "password"),
        ("pwdLastSet", "133000000000000000", ""),
    ],
)
def test_what_keeps_somebody_out_for_now_closes_nothing(attribute, value, reason):
    """Else whoever mistypes a password of somebody else ended their sessions and tokens."""
    entry = entry_of("cn=ann,dc=x", {attribute: [value.encode()]})
    assert hindered_because(entry) == reason
    assert closed_because(entry, now=NOW) == ""
