"""The same through the real builder and PostgreSQL as in memory (test_cutting): order and batches change nothing."""

import random

import pytest

from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import clear
from tests.profiles.sessions.conftest import clear_visits
from tests.profiles.sessions.driver import RECEIVED, Pipeline

NAMES = ["Page Viewed", "Page Viewed", "Session Started", "Session Ended", "Application Opened"]


def history(chance: random.Random) -> list[dict]:
    """Events of two visitors, close together, so that visits meet, part and share their instants."""
    found = []
    for number in range(60):
        key = chance.choice([None] * 8 + [1, "s2"])
        kind = chance.choice(["track", "track", "track", "page", "screen"])
        shown = chance.choice(["Home", "Basket"])
        found.append(
            event(
                kind,
                minutes=chance.randrange(60) * 5,
                name={"track": chance.choice(NAMES), "screen": shown}.get(kind),
                message_id=f"m{number}",
                anonymous_id=chance.choice(["a1", "a1", "a2"]),
                source_id=chance.choice([1, 1, 1, 2]),
                properties={"path": f"/{chance.randrange(3)}", "name": shown},
                context={} if key is None else {"sessionId": key, "sessionStart": chance.random() < 0.3},
                purposes=chance.choice([[], [], ["marketing"]]),
                received_at=RECEIVED,
            )
        )
    return found


def picture(pipeline: Pipeline) -> list[str]:
    """Rows, and what was told of them, without the ids: those follow from anchors, which are born anew in each run."""
    told, rows = pipeline.combiner.told(), pipeline.visits()
    assert {row[12] for row in rows} == set(told)
    return sorted(str((row[:12], row[13:], sorted(told[row[12]].items(), key=str))) for row in rows)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_in_any_batches_gives_the_same_visits_and_records(seed, pipeline):
    chance = random.Random(seed)
    events, pictures = history(chance), []
    for size in (60, 7):
        clear(pipeline.builder.connection)
        clear_visits(pipeline)
        records = pipeline.build(*chance.sample(events, len(events)))
        chance.shuffle(records)
        for begin in range(0, len(records), size):
            pipeline.combiner.send(records[begin : begin + size])
            if chance.random() < 0.3:
                pipeline.combiner.close()
        while pipeline.combiner.close():
            pass
        pictures.append(picture(pipeline))
    assert len(pictures[0]) > 5
    assert pictures[0] == pictures[1]
