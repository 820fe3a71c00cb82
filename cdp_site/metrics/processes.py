"""The files in which web processes count: those of processes that have gone show nothing "live" any more."""

import os
import re
from pathlib import Path

from prometheus_client import multiprocess

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
_OF_PROCESS = re.compile(r"gauge_live[a-z]*_(\d+)\.db")


def forget_dead_processes() -> None:
    """Remove the live gauges of processes that are no more. Counters stay: they only ever grow."""
    directory = os.environ.get(DIRECTORY)
    if directory is None:
        return
    for file in Path(directory).iterdir():
        found = _OF_PROCESS.fullmatch(file.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            multiprocess.mark_process_dead(int(found[1]), directory)  # type: ignore[no-untyped-call]
