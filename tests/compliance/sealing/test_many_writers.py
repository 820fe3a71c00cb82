"""A thousand writers at once keep one unbroken chain: those that roll back, are killed or commit late, too."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from compliance.sealing.anchors import current_anchor
from compliance.sealing.condition import unsealed
from compliance.sealing.sealer import head, seal
from compliance.sealing.verifying import verify
from tests.compliance.sealing.trail import INSERT, is_whole

WRITERS = 1_000
AT_ONCE = 50  # sessions at most, and no more than half of those that the server has room for
ROWS = 3


class Writers:
    """Each writer is a transaction of its own among those that are open at once, and ends in its own way."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._sessions = threading.local()
        self.late: list[psycopg.Connection] = []
        self.all: list[psycopg.Connection] = []
        self._late = threading.Lock()

    def write(self, number: int) -> int:
        """The rows that the writer left."""
        session = self._session()
        for _ in range(ROWS):
            session.execute(INSERT, [f"writer {number}"])
        match number % 20:
            case 7:
                session.rollback()
                return 0
            case 11:  # killed by the server, with its rows written and not committed
                with psycopg.connect(self._conninfo, autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 10000)", [session.info.backend_pid])
                with pytest.raises(psycopg.OperationalError):
                    session.commit()
                return 0
            case 13 if number < 100:  # commits when everybody else has ended
                del self._sessions.held
                with self._late:
                    self.late.append(session)
                return ROWS
            case _:
                session.commit()
                return ROWS

    def _session(self) -> psycopg.Connection:
        session = getattr(self._sessions, "held", None)
        if session is None or session.closed:
            session = self._sessions.held = psycopg.connect(self._conninfo)
            self.all.append(session)
        return session


def _room(database) -> int:
    """How many more sessions the server takes, which other tests of this run use too."""
    with database.connect() as session:
        found = session.execute(
            "SELECT current_setting('max_connections')::int - count(*) FROM pg_stat_activity"
        ).fetchone()
    return int(found[0])


def test_a_thousand_writers_at_once(fresh_database, django_db_blocker):
    writers = Writers(fresh_database.conninfo)
    ended, anchors, sealed_meanwhile = threading.Event(), [], []

    def seal_meanwhile() -> None:
        from django.db import connection
        from django.utils import timezone

        connection.settings_dict["NAME"] = fresh_database.name
        with django_db_blocker.unblock():
            while not ended.wait(0.01):
                sealed_meanwhile.append(seal())
                anchors.append(current_anchor(now=timezone.now()))
            connection.close()

    sealers = [threading.Thread(target=seal_meanwhile) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    try:
        with ThreadPoolExecutor(min(AT_ONCE, _room(fresh_database) // 2)) as pool:
            written = sum(pool.map(writers.write, range(WRITERS)))
    finally:
        ended.set()
        for sealer in sealers:
            sealer.join(60)
    seal()
    assert head()[0] == written - ROWS * len(writers.late)
    assert sum(1 for count in sealed_meanwhile if count) > 1, "nothing was sealed while they wrote"
    for session in writers.late:
        session.commit()
    for session in writers.all:
        session.close()
    seal()
    assert len(writers.late) == 5
    assert head()[0] == written == ROWS * 900
    assert unsealed().count == 0
    with fresh_database.connect() as other:
        assert is_whole(other)
        late = other.execute("SELECT count(*) FROM compliance_auditentry a WHERE EXISTS (SELECT FROM compliance_auditentry b WHERE b.id > a.id AND b.sealed_seq < a.sealed_seq)").fetchone()  # fmt: skip
    assert late is not None
    assert late[0] >= ROWS * len(writers.late), "no row was sealed after one with a higher id"
    report = verify(anchors)
    assert report.is_whole, report.problems
    assert report.anchors == len([each for each in anchors if each.seq])
