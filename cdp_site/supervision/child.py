"""One process of a role: a group of its own, its output in a pipe."""

import os
import signal
import subprocess
from contextlib import suppress
from typing import IO

from cdp_site.logs import PROCESS
from cdp_site.supervision.role import Role
from cdp_site.supervision.tether import die_with_parent


class Child:
    """A started process. It and all of its own processes die with the thread that makes this object."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self._process = subprocess.Popen(
            role.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", PROCESS: role.name, **role.environment},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 -- it only calls prctl, and no other way is as sure
        )

    @property
    def pid(self) -> int:
        """The process's id, which is its group's too."""
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """What it writes, both streams in one."""
        assert self._process.stdout is not None, "it was made with a pipe"
        return self._process.stdout

    def ended(self) -> int | None:
        """How it ended, None while it runs. What it left running is killed."""
        if self._process.returncode is None and os.waitid(
            os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
        ):
            self.kill()  # its group, while nobody else can have got its id
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """SIGTERM for the process alone: it knows best how to stop its own."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL for the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
