"""Whether this machine's clock is kept right by something, as the kernel says."""

import ctypes
import ctypes.util

from cdp_site.doctor.finding import Finding, good, warning

SUBJECT = "clock"
_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)


class _Timex(ctypes.Structure):
    """The beginning of the kernel's struct timex, with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_char * 256),
    )  # fmt: skip


def is_synchronised() -> bool | None:
    """Whether it is; None where the kernel cannot be asked."""
    read = _Timex()
    try:
        answer = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True).adjtimex(ctypes.byref(read))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else not read.status & _UNSYNCHRONISED


def check_time_sync(synchronised: bool | None) -> Finding:  # noqa: FBT001 -- what is_synchronised() said
    """The finding of what the kernel said."""
    if synchronised is None:
        return warning(
            SUBJECT, "nobody knows here whether it is kept right", "See that NTP or chrony runs on the host."
        )
    if not synchronised:
        return warning(
            SUBJECT, "nothing keeps it right, so it drifts", "Run chrony or systemd-timesyncd on the host: leases and event times depend on it."
        )  # fmt: skip
    return good(SUBJECT, "it is kept right")
