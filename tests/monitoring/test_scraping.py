"""Prometheus itself reads the page, with the settings of deploy/ and a token."""

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from tests.conftest import ROOT
from tests.ingestion.collector.conftest import make_server
from tests.monitoring.recording import RULES
from tests.waiting import eventually

__all__ = ["make_server"]

SHIPPED = ROOT / "deploy" / "prometheus" / "prometheus.yml"
TOKEN, FORMER = "new-" + "n" * 32, "old-" + "o" * 32


@pytest.fixture
def web(make_server):
    return make_server(METRICS_TOKEN=f"{TOKEN},{FORMER}").start()


@pytest.fixture
def prometheus(tmp_path) -> Iterator[Callable[[int, str], Callable[[str], list[Any]]]]:
    """Starts it with the shipped settings for a web server's port and a token; answers what it says to a query."""
    running: list[subprocess.Popen[bytes]] = []

    def start(of: int, token: str) -> Callable[[str], list[Any]]:
        folder = tmp_path / f"prometheus{len(running)}"
        folder.mkdir()
        settings, targets = re.subn(r"targets: \[.*\]", f'targets: ["127.0.0.1:{of}"]', SHIPPED.read_text())
        assert targets == 1
        (folder / "prometheus.yml").write_text(settings.replace(": 15s", ": 1s"))
        (folder / "headwater.token").write_text(f"{token}\n")
        shutil.copy(RULES, folder)
        port = _free_port()
        command = [
            "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ]  # fmt: skip
        running.append(subprocess.Popen(command, cwd=folder))
        return lambda query: _answers(port, query)

    yield start
    for each in running:
        each.terminate()
        each.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, query: str) -> list[Any]:
    """The value of each series; nothing while it does not answer yet."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={quote(query)}", timeout=10) as answer:
            return [each["value"][1] for each in json.load(answer)["data"]["result"]]
    except URLError:
        return []


def test_the_shipped_settings_are_whole(tmp_path):
    shutil.copy(SHIPPED, tmp_path)
    shutil.copy(RULES, tmp_path)
    (tmp_path / "headwater.token").write_text(TOKEN)
    done = subprocess.run(
        ["promtool", "check", "config", Path(tmp_path) / "prometheus.yml"], capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_reads_figures_by_a_token_and_by_the_former_one_while_it_is_replaced(web, prometheus):
    both = [prometheus(web.port, token) for token in (TOKEN, FORMER)]
    eventually(lambda: [asked("headwater_database_up") for asked in both] == [["1"], ["1"]], seconds=60)


def test_nobody_else_is_told_any(web, prometheus):
    asked = prometheus(web.port, "another-" + "a" * 32)
    eventually(lambda: asked("up") == ["0"], seconds=60)
    assert asked("headwater_database_up") == []
    refused = web.request("GET", "/metrics")
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert b"headwater_" not in refused.body
