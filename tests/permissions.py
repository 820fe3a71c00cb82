"""Permissions of files that hold for root too, as whom tests may run: the right to pass over them is laid down."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION = 0x20080522
_PASS_OVER = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
LAID_DOWN = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
"""Before a command that root runs."""


class _Whose(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def permissions_hold() -> Iterator[None]:
    """Within it, for this thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    whose, sets = _Whose(_VERSION, 0), (_Sets * 2)()
    assert libc.capget(ctypes.byref(whose), sets) == 0
    before = sets[0].effective
    sets[0].effective = before & ~_PASS_OVER
    assert libc.capset(ctypes.byref(whose), sets) == 0
    try:
        yield
    finally:
        sets[0].effective = before
        assert libc.capset(ctypes.byref(whose), sets) == 0
