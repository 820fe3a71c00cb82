"""Ties a process to the one that started it: when that dies, however it dies, the kernel ends this one too."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Have the kernel send `signum` to this process when the thread that started it ends. Linux; elsewhere no effect.

    Safe between fork and exec: it calls one function of the C library, which was loaded before.
    """
    prctl = getattr(_libc, "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signum)
