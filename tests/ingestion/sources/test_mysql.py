"""A real MariaDB as the source."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from cdp_site.postgres.loopback import free_port
from ingestion.sources.contract import Mode, Selection, SourceRefused, StreamChanged
from ingestion.sources.sql import SqlSource
from tests.waiting import eventually

SCRIPTS = Path("/usr/share/mysql")
TABLE = """
CREATE TABLE customers (
    id int PRIMARY KEY, plan text, balance decimal(10,2), big bigint unsigned, day date, updated_at datetime(6), raw blob
) CHARACTER SET utf8mb4
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[dict[str, str]]:
    """Its settings for a reader of the database `crm`."""
    program = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
    assert program, "this test needs MariaDB: apt-get install mariadb-server-core"
    home, port = tmp_path_factory.mktemp("mariadb"), free_port()
    (home / "data").mkdir()
    own = [
        program,
        "--no-defaults",
        "--user=root",
        f"--datadir={home / 'data'}",
        "--innodb-buffer-pool-size=16M",
    ]
    names = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
    script = "create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n" + "".join(
        (SCRIPTS / name).read_text() for name in names
    )
    made = subprocess.run(
        [*own, "--bootstrap"], input=script, text=True, capture_output=True, timeout=120, check=False
    )
    assert made.returncode == 0, made.stderr[-2000:]
    address = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={home / 's'}", "--skip-name-resolve"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([*own, *address], stdout=log, stderr=log)
    try:
        _prepare(str(home / "s"), process)
        yield {
            "dialect": "mysql", "host": "127.0.0.1", "port": str(port), "database": "crm", "user": "reader",
            "password": "reader's", "tls": "prefer", "socket": str(home / "s"),
        }  # fmt: skip
    finally:
        process.terminate()
        process.wait(60)


def _listens(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(address) == 0


def _prepare(address: str, process: subprocess.Popen) -> None:
    eventually(lambda: _listens(address) or process.poll() is not None, seconds=100)
    assert process.poll() is None, "MariaDB ended"
    session = pymysql.connect(unix_socket=address, user="root", autocommit=True)
    with session, session.cursor() as cursor:
        for statement in (
            "CREATE DATABASE crm", "CREATE USER reader@'%' IDENTIFIED BY 'reader''s'", "GRANT SELECT ON crm.* TO reader@'%'",
            "USE crm", TABLE,
        ):  # fmt: skip
            cursor.execute(statement)
        rows = "(%s, 'gold\N{WRAPPED PRESENT}', 1.25, 18446744073709551615, '2026-01-05', '2026-01-05 10:00:00.123456', x'ff41')"
        cursor.executemany(f"INSERT INTO customers VALUES {rows}", [(number,) for number in range(25)])
        cursor.execute("INSERT INTO customers (id) VALUES (99)")
        cursor.execute("INSERT INTO customers (id, updated_at) VALUES (100, '2099-01-01')")


def test_rows_of_mariadb_are_read_once_in_order_with_their_types(server):
    kind = SqlSource()
    assert "1 table can be seen" in kind.check(server)
    info = kind.describe(server, "customers")
    assert info.key == ("id",)
    selection = Selection("customers", info.columns, info.key, Mode.INCREMENTAL, "updated_at", 600)
    batches = list(kind.read(server, selection, {}, rows=10))
    rows = [row for batch in batches for row in batch.rows]
    assert [row.values["id"] for row in rows] == list(range(25))
    assert rows[3].identity == "2026-01-05 10:00:00.123456|3"
    assert rows[3].values == {
        "id": 3, "plan": "gold\N{WRAPPED PRESENT}", "balance": 1.25, "big": 2**64 - 1, "day": "2026-01-05",
        "updated_at": "2026-01-05T10:00:00.123456", "raw": "\ufffdA",
    }  # fmt: skip
    state = batches[-1].state
    assert state == {"cursor": "2026-01-05 10:00:00.123456", "key": [24]}
    assert [refused.values["id"] for refused in batches[-1].refused] == [99]
    assert "in 1 of the rows" in batches[-1].notes[0]
    assert sum(len(batch.rows) for batch in kind.read(server, selection, state, rows=10)) == 0
    again = kind.begin(selection, state)
    assert again == {"cursor": "2026-01-05 09:50:00.123456"}
    assert sum(len(batch.rows) for batch in kind.read(server, selection, again, rows=10)) == 25
    assert kind.remaining(server, selection, {}) == 25


def test_what_mariadb_refuses_is_said_in_a_sentence(server):
    kind = SqlSource()
    for change, words in (
        ({"password": "wrong"}, "refused the user name or the password"), ({"database": "nowhere"}, "no database of this name"),
        ({"tls": "require"}, "encrypted connection could not be made"),
    ):  # fmt: skip
        with pytest.raises(SourceRefused, match=words):
            kind.check({**server, **change})
    with pytest.raises(StreamChanged, match="There is no table orders"):
        kind.describe(server, "orders")
