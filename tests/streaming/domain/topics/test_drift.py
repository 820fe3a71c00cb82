"""What differs between declared and real, in words."""

from streaming.contracts.cluster import Replication
from streaming.contracts.records import Cleanup, TopicSpec
from streaming.domain.topics.declaration import Declaration
from streaming.domain.topics.drift import drifts

SPEC = TopicSpec("t", 4, 3600)


def said(declared: Declaration, real: TopicSpec, copies: Replication | None = None) -> dict[str, str]:
    return {str(each): each.hindrance for each in drifts(declared, real, copies)}


def test_nothing_differs():
    assert said(Declaration(SPEC, 3, 2), SPEC, Replication(3, 2)) == {}
    assert said(Declaration(SPEC), SPEC, Replication(1, 1)) == {}


def test_every_setting_is_compared():
    real = TopicSpec("t", 2, 7200, 2048, Cleanup.COMPACT)
    assert said(Declaration(SPEC), real) == {
        "partitions 2, declared 4": "",
        "retention 2h, declared 1h": "",
        "retention-bytes 2KB, declared none": "",
        "cleanup compact, declared delete": "",
    }


def test_what_applying_cannot_mend_says_why():
    found = said(Declaration(SPEC, 3, 2), TopicSpec("t", 6, 3600), Replication(1, 1))
    assert found["partitions 6, declared 4"] == "partitions cannot be taken away"
    assert "kafka-reassign-partitions" in found["replication 1, declared 3"]
    assert found["min-insync 1, declared 2"] == "there are only 1 copies so far"
