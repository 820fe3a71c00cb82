"""The rows of the fault matrix that the suite covers: what happens, and what must hold all the same."""

from typing import NamedTuple


class Row(NamedTuple):
    """One row, by its number."""

    fault: str
    expected: str


MATRIX = {
    1: Row("The leader is killed, five times", "acknowledgements resume; nothing lost or doubled"),
    2: Row("A broker is frozen for 45 s", "the spool takes what Kafka does not, under the same ids"),
    3: Row(
        "The log cannot be reached", "200 by way of the spool; at its cap 503 with Retry-After; then replay"
    ),
    4: Row("A collector is killed right after its answers", "what was answered 200 survives"),
    5: Row("A collector is told to stop under load", "it finishes what it began"),
    6: Row("Several web workers, some of them killed", "a producer and a spool per worker"),
    7: Row("A consumer is killed between any two steps", "read again, with one effect"),
    8: Row("Consumers come and go all the time", "nothing skipped, repetitions absorbed"),
    9: Row("A consumer is frozen beyond its lease", "others take over, its late writes are refused"),
    10: Row("PostgreSQL is in trouble", "consumers wait, no dead letters, they go on by themselves"),
    11: Row("The answer to COMMIT is lost", "the position in the database decides"),
    13: Row("Poison messages", "dead letters with their bytes and place; the partition goes on"),
    14: Row("Every message fails (a bad deploy)", "the consumer stops at its limit"),
    15: Row("The topic of dead letters takes nothing", "letters and positions stay together; copies follow"),
    16: Row("Lag exceeds retention", "the consumer stops and says so; it is never skipped silently"),
    17: Row("Disks are full", "never 200 for what is not durable; it goes on by itself"),
    18: Row("Everything is delivered again, several times", "the same state"),
    19: Row("Everything arrives in another order, or a week late", "the same state as in order"),
    20: Row("Clocks are wrong or jump", "the time of receipt counts, client times are clamped"),
    21: Row("Slow and half-open connections", "they time out, and nobody else waits for them"),
    24: Row("The tail of a spool file is torn", "it is cut off, the rest is kept"),
}
