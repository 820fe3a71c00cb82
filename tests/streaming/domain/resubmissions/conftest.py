"""Dead letters as the runtime leaves them, and jobs that send them back."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from streaming.domain.resubmissions import running, starting
from streaming.domain.resubmissions.starting import Choice
from streaming.models import DeadLetter

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RETRY = "retry.counting"


class Time:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.now, self.waited = NOW, 0.0

    def __call__(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.waited += seconds


def refuse(partition: int, offset: int, *, is_back: bool = False, **fields: object) -> DeadLetter:
    """A dead letter of `numbers.a`; one that `is_back` was sent back before, and refused again."""
    place = f"{partition}/{offset}"
    headers = {"topic": "numbers.a", "partition": str(partition), "offset": str(offset)} if is_back else {}
    values: dict[str, object] = {
        "consumer": "counting", "key": b"k", "value": place.encode(), "reason": "no", "appended_at": NOW,
        "created_at": NOW, "headers": [
            [f"headwater-{name}", b64encode(text.encode()).decode()] for name, text in headers.items()
        ],
        "topic": RETRY if is_back else "numbers.a", "partition": 0 if is_back else partition,
        "offset": DeadLetter.objects.count() if is_back else offset,
    }  # fmt: skip
    if is_back:
        values |= {"origin_topic": "numbers.a", "origin_partition": partition, "origin_offset": offset}
    return DeadLetter.objects.create(**{**values, **fields})


def start(choice: Choice | None = None, rate: float | None = None) -> int:
    return starting.start(choice or Choice("counting"), rate=rate, actor=None, by_name="alice", now=NOW)


def run(job: int, time: Time | None = None, seconds: float = 3600) -> float | None:
    time = time or Time()
    return running.run(job, clock=time, pause=time.pause, seconds=seconds)


@pytest.fixture
def returned(pipeline) -> Callable[[], list[str]]:
    """What stands in the topic of returned letters."""
    from tests.streaming.contract.subject import Subject

    return lambda: [(record.value or b"").decode() for record in Subject(pipeline.log).read_topic(RETRY)]
