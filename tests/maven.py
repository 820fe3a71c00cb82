"""Jars of programs that the tests run, which Maven fetches once. Set-up reads this before any package is installed."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headwater"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_POM = '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>{}</project>'


class JavaMissing(Exception):
    """The machine lacks what a program on Java needs."""


def fetched(name: str, goal: str, *options: str, project: str = "") -> Path:
    """The folder of this name with what the goal of Maven's dependency plugin puts into it. Raises JavaMissing."""
    folder = CACHE / name
    if folder.exists():
        return folder
    lacking = [
        f"{tool} (apt install {package})"
        for tool, package in (("java", "default-jre-headless"), ("mvn", "maven"))
        if shutil.which(tool) is None
    ]
    if lacking:
        raise JavaMissing(f"tests with {name} need {' and '.join(lacking)}")
    partial = folder.with_name(f"{name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    (partial / "pom.xml").write_text(_POM.format(project))
    made = ["-f", str(partial / "pom.xml")] if project else []
    done = subprocess.run(
        ["mvn", "-B", "-q", *made, f"{PLUGIN}:{goal}", *options, f"-DoutputDirectory={partial}"],
        capture_output=True, text=True, timeout=600, check=False, cwd=partial.parent,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        raise JavaMissing(f"Maven could not fetch {name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    with contextlib.suppress(OSError):  # another run was faster
        partial.rename(folder)
    shutil.rmtree(partial, ignore_errors=True)
    return folder
