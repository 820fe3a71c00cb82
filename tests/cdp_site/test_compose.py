"""compose.yaml, read by the real tool: every part is there, waits for what it needs, and runs a command that exists."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from cdp_site.env import database_settings, event_log_url, watched_folders
from tests.ingestion.collector.serving import ROOT

OURS = {"migrate", "web", "consumers", "worker", "sources", "beat"}


def compose_command() -> list[str]:
    """Docker's own compose, or the older program of that name."""
    if (
        shutil.which("docker")
        and not subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "compose is missing: bin/setup test installs it"
    return ["docker-compose"]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [*compose_command(), "-f", "compose.yaml", "config"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "POSTGRES_PASSWORD": "secret7", "PUBLIC_URL": "https://cdp.example.com"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]  # type: ignore[no-any-return]


def test_every_part_is_there(services):
    assert set(services) == OURS | {"postgres", "kafka"}


def test_ours_share_one_image_and_one_home(services):
    assert {services[name]["image"] for name in OURS} == {"headwater"}
    assert all(services[name]["volumes"] for name in OURS)


def test_the_watched_folder_is_there_for_all_of_them():
    for given, source in (("", "incoming"), ("/data/exports", "/data/exports")):
        done = subprocess.run(
            [*compose_command(), "-f", "compose.yaml", "config"], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, **({"INCOMING": given} if given else {})},
        )  # fmt: skip
        found = yaml.safe_load(done.stdout)["services"]
        for name in OURS:
            [folder] = [
                each for each in map(_volume, found[name]["volumes"]) if each["target"] == "/srv/incoming"
            ]
            assert (folder["source"], folder.get("read_only")) == (source, None)
            assert watched_folders(
                [found[name]["environment"]["WATCHED_FOLDERS"]], Path("/var/lib/headwater")
            )


def _volume(written: str | dict[str, Any]) -> dict[str, Any]:
    """As newer versions of compose write it."""
    if isinstance(written, dict):
        return written
    source, target, mode = written.split(":")
    return {"source": source, "target": target, **({"read_only": True} if mode == "ro" else {})}


def test_they_are_told_where_everything_is(services):
    for name in OURS:
        given = services[name]["environment"]
        database = database_settings(given["DATABASE_URL"])
        assert database is not None
        assert (database["HOST"], database["PASSWORD"]) == ("postgres", "secret7")
        assert event_log_url(given["EVENT_LOG"]) == "kafka://kafka:9092"
        assert given["PUBLIC_URL"] == "https://cdp.example.com"


def test_they_wait_for_the_migrations_and_these_for_the_servers(services):
    for name in OURS - {"migrate"}:
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert {server: each["condition"] for server, each in services["migrate"]["depends_on"].items()} == {
        "postgres": "service_healthy", "kafka": "service_healthy",
    }  # fmt: skip


def test_their_commands_exist(services):
    for name in ("migrate", "web", "consumers"):
        assert services[name]["command"][:2] == ["python", "manage.py"]
        assert services[name]["command"][2] in get_commands()
    for name, what in (("worker", "worker"), ("sources", "worker"), ("beat", "beat")):
        assert services[name]["command"][:4] == ["celery", "-A", "cdp_site", what]
