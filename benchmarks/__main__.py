"""`python -m benchmarks [NAME …]`: run the measurements one after another and print their figures.

Each measurement is a module of this package with a function `run() -> list[Figure]`, and runs in a process of
its own, so that none inherits another's memory.
"""

import platform
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
NOT_MEASUREMENTS = {"__init__", "__main__", "results"}


def measurements() -> list[str]:
    """The names of the measurements that there are."""
    return sorted(path.stem for path in HERE.glob("[!_]*.py") if path.stem not in NOT_MEASUREMENTS)


def main(names: list[str]) -> int:
    """Run the named measurements, or all; the exit status is 1 when one of them failed."""
    unknown = set(names) - set(measurements())
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(measurements())}")
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}")
    failed = []
    for name in names or measurements():
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False)
        print(f"   ({time.monotonic() - started:.0f} s)", flush=True)
        failed += [name] * bool(done.returncode)
    print(f"\n{len(failed)} failed: {', '.join(failed)}" if failed else "\nall measured")
    return min(len(failed), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
