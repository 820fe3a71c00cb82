import os
from pathlib import Path

from ingestion.spool.spool import Spool, SpoolStatus
from ingestion.spool.survey import abandoned, together
from streaming.contracts.records import NewRecord

RECORDS = [NewRecord("events.other", b"k", b"1"), NewRecord("events.other", b"k", b"2")]


def test_what_a_live_process_holds_is_its_own(tmp_path):
    spool = Spool(tmp_path, "alive", limit=1 << 20)
    spool.append(RECORDS, 1000.0).result(10)
    assert abandoned(tmp_path) == SpoolStatus()
    spool.close()
    found = abandoned(tmp_path)
    assert (found.records, found.oldest) == (2, 1000.0)
    assert found.bytes > 0


def test_what_waits_is_read_once_however_often_somebody_looks(tmp_path, monkeypatch):
    spool = Spool(tmp_path, "dead", limit=1 << 20)
    spool.append(RECORDS, 1000.0).result(10)
    spool.close()
    reads: list[Path] = []
    read = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert [abandoned(tmp_path).records for _ in range(3)] == [2, 2, 2]
    assert len(reads) == 1
    os.truncate(reads[0], reads[0].stat().st_size - 1)
    assert abandoned(tmp_path).records == 1, "it has changed, so it is read again"


def test_a_spool_that_never_was_is_empty(tmp_path):
    assert abandoned(tmp_path / "spool") == SpoolStatus()


def test_together_adds_up_and_keeps_the_oldest():
    assert together(SpoolStatus(1, 10, 5.0), SpoolStatus(2, 20, None)) == SpoolStatus(3, 30, 5.0)
    assert together(SpoolStatus(), SpoolStatus()) == SpoolStatus()
