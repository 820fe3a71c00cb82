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


def test_a_spool_that_never_was_is_empty(tmp_path):
    assert abandoned(tmp_path / "spool") == SpoolStatus()


def test_together_adds_up_and_keeps_the_oldest():
    assert together(SpoolStatus(1, 10, 5.0), SpoolStatus(2, 20, None)) == SpoolStatus(3, 30, 5.0)
    assert together(SpoolStatus(), SpoolStatus()) == SpoolStatus()
