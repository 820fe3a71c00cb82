"""Figures of pages are kept in memory and written together: the same figures as one by one."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from cdp_site.metrics import pages

BUCKETS = (0.1, 0.5, 2)


@given(st.lists(st.floats(0, 10) | st.sampled_from(BUCKETS), max_size=20))
def test_many_observations_are_those_of_each(seconds):
    together, each = CollectorRegistry(), CollectorRegistry()
    pages.SecondsHistogram("took", "Seconds", buckets=BUCKETS, registry=together).observe_all(seconds)
    one_by_one = Histogram("took", "Seconds", buckets=BUCKETS, registry=each)
    for value in seconds:
        one_by_one.observe(value)
    assert _counts(together) == _counts(each)


def _counts(registry: CollectorRegistry) -> list[tuple[str, dict[str, str], float]]:
    return [
        (sample.name, sample.labels, round(sample.value, 9))
        for metric in registry.collect()
        for sample in metric.samples
        if not sample.name.endswith("_created")
    ]


def test_what_was_counted_is_written_after_a_moment_and_once(monkeypatch):
    monkeypatch.setattr(pages, "EVERY_S", 0.0)
    pages.write()  # what a loop of a test before was ended over
    answered = pages.REQUESTS.labels("GET", "299")
    before, waiting = answered._value.get(), pages.WAITING._value.get()

    async def work() -> list[float]:
        pages.work(2)
        for _ in range(3):
            pages.count("GET", 299, 0.01)
        pages.count("BREW", 299, 0.01)
        unwritten = answered._value.get()
        await asyncio.sleep(0.01)
        pages.write()
        return [unwritten, answered._value.get()]

    assert asyncio.run(work()) == [before, before + 3]
    assert pages.WAITING._value.get() == waiting + 2
    pages._unwritten.in_progress -= 2
    pages.write()
    assert pages.REQUESTS.labels("other", "299")._value.get() >= 1
    assert b"headwater_http_request_seconds_bucket" in generate_latest()
