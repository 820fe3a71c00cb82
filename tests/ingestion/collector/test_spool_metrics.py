"""What waits on disk, as metrics: an alert must be able to say how full, how old and how damaged it is."""

from prometheus_client import REGISTRY

from ingestion.collector.metrics import SpoolView, show_spool
from ingestion.spool.spool import SpoolStatus

NOTHING = SpoolStatus()


def shown(view: SpoolView, now: float = 1000.0) -> dict[str, float | None]:
    show_spool(view, now=now, open_gate=True)
    names = (
        "records", "bytes", "limit_bytes", "oldest_age_seconds", "abandoned_records", "abandoned_bytes",
        "set_aside_bytes",
    )  # fmt: skip
    return {name: REGISTRY.get_sample_value(f"headwater_spool_{name}") for name in names}


def test_its_own_and_what_the_dead_left_are_told_apart():
    view = SpoolView(SpoolStatus(3, 300, 990.0), SpoolStatus(2, 200, 940.0), bytes_aside=7, limit=1000)
    assert shown(view) == {
        "records": 3, "bytes": 300, "limit_bytes": 1000, "oldest_age_seconds": 60, "abandoned_records": 2,
        "abandoned_bytes": 200, "set_aside_bytes": 7,
    }  # fmt: skip


def test_an_empty_spool_has_no_age_and_neither_has_one_of_the_future():
    assert shown(SpoolView(NOTHING, NOTHING, 0, 1000))["oldest_age_seconds"] == 0
    assert shown(SpoolView(SpoolStatus(1, 1, 1005.0), NOTHING, 0, 1000))["oldest_age_seconds"] == 0
