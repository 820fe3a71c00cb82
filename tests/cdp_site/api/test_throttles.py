from cdp_site.api import throttles
from cdp_site.api.throttles import Buckets


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_a_burst_and_then_its_rate():
    clock = Clock()
    buckets = Buckets(rate=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    clock.now = 1000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_those_who_asked_longest_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr(throttles, "MAX_CALLERS", 2)
    buckets = Buckets(rate=1, burst=1, clock=Clock())
    assert [buckets.take(caller) for caller in "abc"] == [0, 0, 0]
    assert buckets.take("c") == 1
    assert buckets.take("a") == 0
