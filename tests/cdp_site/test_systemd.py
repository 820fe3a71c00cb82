"""The systemd units: their commands, run as they stand there, turn an event into a profile; compose runs the same ones."""

import base64
import configparser
import http.client
import json
import os
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.smtp_sink import unused_port
from tests.waiting import eventually

PLACE = ROOT / "deploy" / "systemd"
SERVICES = ("web", "consumers", "worker", "sources", "beat")
HARDENING = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes", "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "SystemCallFilter": "@system-service", "UMask": "0077", "User": "headwater", "StateDirectoryMode": "0700",
}  # fmt: skip


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd tells capitals apart
    parser.read_string((PLACE / name).read_text())
    return parser


def command(name: str) -> list[str]:
    """As the unit has it, with the place of this tree for that of an installation."""
    words = shlex.split(unit(f"headwater-{name}.service")["Service"]["ExecStart"])
    return [word.replace("/opt/headwater", str(ROOT)) for word in words]


@pytest.mark.parametrize("name", [*SERVICES, "migrate"])
def test_a_unit_is_hardened_and_needs_what_it_needs(name):
    read = unit(f"headwater-{name}.service")
    assert HARDENING.items() <= dict(read["Service"]).items()
    if name != "migrate":
        assert "headwater-migrate.service" in read["Unit"]["After"]
        assert read["Unit"]["Requires"] == "headwater-migrate.service"
        assert read["Service"]["Restart"] == "always"
        assert f"headwater-{name}.service" in unit("headwater.target")["Unit"]["Wants"]


def test_the_sources_may_move_files_in_the_folder_that_the_example_has_watched():
    [line] = [
        line
        for line in (PLACE / "headwater.env.example").read_text().splitlines()
        if "WATCHED_FOLDERS=" in line
    ]
    assert f"-{line.partition('=')[2]}" == unit("headwater-sources.service")["Service"]["ReadWritePaths"]
    assert all(
        "ReadWritePaths" not in unit(f"headwater-{name}.service")["Service"] for name in ("web", "worker")
    )


def test_compose_runs_the_same_commands():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name in SERVICES:
        ours = command(name)
        assert [Path(ours[0]).name, *ours[1:]] == services[name]["command"]


@pytest.fixture
def port() -> int:
    return unused_port()


@pytest.fixture
def start(fresh_database, new_home, port):
    """Starts the command of a unit, with nothing in the environment but what a unit gives."""
    environment = {
        "PATH": os.environ["PATH"], "DATABASE_URL": fresh_database.url, "HEADWATER_HOME": str(new_home),
        "PORT": str(port), "EVENT_LOG": "postgres://", "WEB_WORKERS": "1", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    begun: list[subprocess.Popen[bytes]] = []

    def begin(words):
        output = (new_home / "output.txt").open("ab")
        with output:
            begun.append(
                subprocess.Popen(
                    words, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
                )
            )
        return begun[-1]

    yield begin
    for process in begun:
        process.terminate()
    for process in begun:
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        process.wait()


@pytest.mark.fault
def test_the_commands_turn_an_event_into_a_profile(start, fresh_database, port):
    assert start(command("migrate")).wait(120) == 0
    services = [start(command(name)) for name in SERVICES]
    python = command("web")[0]
    assert start([python, "manage.py", "create_source", "shop", "--write-key", "k" * 24]).wait(120) == 0

    def post():
        event = {"type": "track", "event": "Ordered", "userId": "u1", "messageId": "m1"}
        key = base64.b64encode(b"k" * 24 + b":").decode()
        headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("POST", "/v1/track", json.dumps(event), headers)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def people():
        with fresh_database.connect() as connection:
            return connection.execute("SELECT count(*) FROM profiles_profile").fetchone() == (1,)

    eventually(post, seconds=120)
    eventually(people, seconds=120)
    assert [process.poll() for process in services] == [None] * len(services)
