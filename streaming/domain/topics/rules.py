"""Which declarations are refused, and what others mean."""

from streaming.contracts.cluster import ClusteredLog
from streaming.contracts.log import EventLog
from streaming.contracts.records import Cleanup, TopicPartition
from streaming.domain.topics.amounts import duration_text
from streaming.domain.topics.declaration import Declaration, Wish
from streaming.domain.topics.kinds import why_partitions_are_fixed
from streaming.domain.topics.states import TopicSettings

MOST_PARTITIONS = 1000
LEAST_RETENTION_SECONDS, MOST_RETENTION_SECONDS = 60, 30 * 86_400
LEAST_RETENTION_BYTES = 1024 * 1024


class TopicRefused(ValueError):
    """The topic cannot be like that; the text says why and what can be done."""


def check(log: EventLog, wish: Wish, wanted: Declaration, found: TopicSettings) -> None:
    """Raise TopicRefused unless the topic can be like `wanted`, of which the caller wishes `wish`."""
    if wish == Wish():
        raise TopicRefused("say what to set, such as --retention 14d")
    _check_partitions(log, wish, found)
    _check_cleanup(wish, found)
    _check_retention(wanted)
    _check_copies(log, wanted, found)


def _check_partitions(log: EventLog, wish: Wish, found: TopicSettings) -> None:
    wanted, real = wish.partitions, found.real.partitions
    if wanted is None or wanted == real:
        return
    if not real < wanted <= MOST_PARTITIONS:
        raise TopicRefused(
            f"{found.name} has {real} partitions, and may have up to {MOST_PARTITIONS}; they can only grow, because "
            "records do not move: for fewer, let a new topic take its place"
        )
    if why := why_partitions_are_fixed(found.name):
        raise TopicRefused(f"{found.name} keeps its {real}: {why}")
    if found.real.cleanup is Cleanup.COMPACT and _holds_records(log, found):
        raise TopicRefused(
            f"{found.name} is compacted and holds records: keys would move to other partitions, and what their former "
            "ones hold would never be superseded"
        )


def _holds_records(log: EventLog, found: TopicSettings) -> bool:
    places = [TopicPartition(found.name, number) for number in range(found.real.partitions)]
    return any(end for _, end in log.bounds(places).values())


def _check_cleanup(wish: Wish, found: TopicSettings) -> None:
    default = found.declared.default
    if wish.cleanup is None or default is None or wish.cleanup is default.cleanup:
        return
    if wish.cleanup is Cleanup.COMPACT:
        raise TopicRefused(
            f"{found.name} cannot be compacted: its readers need every record, not only the newest of each key"
        )
    raise TopicRefused(
        f"{found.name} stays compacted: who begins to read it needs the newest record of each key"
    )


def _check_retention(wanted: Declaration) -> None:
    spec = wanted.spec
    if spec.retention_bytes is not None and spec.retention_bytes < LEAST_RETENTION_BYTES:
        raise TopicRefused("a partition keeps at least 1MB: less would be lost before it is read")
    if spec.cleanup is Cleanup.COMPACT and spec.retention_seconds is None:
        return
    seconds = spec.retention_seconds or 0
    if not LEAST_RETENTION_SECONDS <= seconds <= MOST_RETENTION_SECONDS:
        raise TopicRefused(
            f"{spec.name} is kept for {duration_text(LEAST_RETENTION_SECONDS)} to {duration_text(MOST_RETENTION_SECONDS)}: "
            "the log is a buffer, applied messages are remembered for no longer, and people may ask for erasure; a limit "
            "by size can stand beside it"
        )


def _check_copies(log: EventLog, wanted: Declaration, found: TopicSettings) -> None:
    if not isinstance(log, ClusteredLog) or found.replication is None:
        if wanted.replication or wanted.min_insync:
            raise TopicRefused(
                "the embedded log has no copies of its own: it is as safe as PostgreSQL and its standbys"
            )
        return
    copies = wanted.replication or found.replication.factor
    in_sync = wanted.min_insync or found.replication.min_insync
    if in_sync > copies:
        raise TopicRefused(
            f"min-insync {in_sync} is more than the {copies} copies of {found.name}: no write would ever be acknowledged"
        )
    if wanted.replication and wanted.replication > found.replication.factor:
        log.reassignment(found.name, wanted.replication)  # raises when there are too few brokers


def consequences(wanted: Declaration, found: TopicSettings) -> list[str]:
    """What applying it will mean beyond what was asked for."""
    spec, real, said = wanted.spec, found.real, []
    if spec.partitions > real.partitions:
        said.append(
            "More partitions send most keys to another partition than before: for some minutes the records of a key "
            "stand in two of them and may be read out of their order. Headwater goes by event times and versions, and "
            "comes to the same result; other readers of the topic may not."
        )
    if _keeps_less(spec.retention_seconds, real.retention_seconds) or _keeps_less(
        spec.retention_bytes, real.retention_bytes
    ):
        said.append("Records beyond the new limit go, whether or not they have been read.")
    if (
        found.replication
        and wanted.min_insync
        and wanted.min_insync == (wanted.replication or found.replication.factor)
    ):
        said.append("Every copy must acknowledge: writes wait as soon as one broker is down.")
    return said


def _keeps_less(wanted: int | None, real: int | None) -> bool:
    return wanted is not None and (real is None or wanted < real)
