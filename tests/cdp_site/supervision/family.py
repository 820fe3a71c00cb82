"""A program that supervises a small family of processes, for tests that signal and kill them.

`python -m tests.cdp_site.supervision.family DIRECTORY`: each process notes in DIRECTORY/events what happens to it.
"""

import sys
from pathlib import Path

from cdp_site.supervision.output import Output
from cdp_site.supervision.role import Role
from cdp_site.supervision.supervisor import Supervisor

# Notes its start and its end; `stubborn` ignores SIGTERM; each has a child of its own.
MEMBER = """
import os, signal, subprocess, sys, time
name, events = sys.argv[1:3]
def note(what):
    with open(events, "a") as file:
        file.write(f"{what} {name} {os.getpid()}\\n")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
note(f"began-with-{child.pid}")
def stop(*_):
    if name != "stubborn":
        note("stopped")
        child.kill()
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("hello from", name, flush=True)
while True:
    time.sleep(0.05)
"""


def main(directory: Path) -> None:
    """Run until a signal."""
    events = directory / "events"

    def member(name: str, **options: float) -> Role:
        return Role(name, [sys.executable, "-c", MEMBER, name, str(events)], **options)  # type: ignore[arg-type]

    failing = Role(
        "failing",
        [sys.executable, "-c", f"open({str(events)!r}, 'a').write('failed\\n'); raise SystemExit(3)"],
    )
    late = Role("late", member("late").command, may_start=(directory / "go").exists)
    single = Role(
        "single", [sys.executable, "-c", f"open({str(events)!r}, 'a').write('single\\n')"], once=True
    )
    roles = [single, member("first"), member("stubborn", stop_seconds=1.0), failing, late]
    Supervisor(roles, Output(sys.stdout)).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
