"""Taking partitions over and giving them back: what the worker's thread does with its keeper's plans."""

import logging
from collections.abc import Collection, Mapping

from streaming.contracts.log import EventLog
from streaming.contracts.records import Cleanup, TopicPartition
from streaming.runtime import dead_letters, leases
from streaming.runtime.attempt import Holding
from streaming.runtime.consumer import Consumer
from streaming.runtime.discovery import retry_topic
from streaming.runtime.inbox import Plan
from streaming.runtime.intake import Admit
from streaming.runtime.leases import Tenant
from streaming.runtime.limits import DeadLetterCount
from streaming.runtime.outbox import marks
from streaming.runtime.positions import Position
from streaming.runtime.sessions import Connection
from streaming.runtime.stopping import ConsumerStopped

logger = logging.getLogger(__name__)


class Landlord:
    """Claims and releases for one worker, on the worker's own session: its end frees what it claimed."""

    def __init__(self, consumer: Consumer, tenant: Tenant, log: EventLog, count: DeadLetterCount) -> None:
        self._consumer, self._tenant, self._log, self._count = consumer, tenant, log, count
        self._counted: set[TopicPartition] = set()

    def follow(self, holding: Holding, plan: Plan) -> bool:
        """Hold what the plan says, as far as it is to be had. Returns whether anything changed."""
        held = frozenset(holding.positions)
        lost, surplus = held - plan.held, (held | plan.held) - plan.target
        if surplus:
            leases.release(holding.connection, self._tenant, surplus)
        for place in lost | surplus:
            holding.positions.pop(place, None)
            holding.next_offsets.pop(place, None)
        holding.parking.forget(lost | surplus)
        taken = self._claim(holding, plan.target - frozenset(holding.positions))
        if taken or lost or surplus:
            logger.info(
                "partitions changed hands",
                extra={
                    "consumer": self._consumer.name, "taken": len(taken), "given_back": len(surplus), "lost": len(lost),
                    "held": len(holding.positions),
                },
            )  # fmt: skip
        return bool(taken) or bool((lost | surplus) & held)

    def _claim(self, holding: Holding, wanted: Collection[TopicPartition]) -> dict[TopicPartition, Position]:
        if not wanted:
            return {}
        taken = leases.claim(holding.connection, self._log, self._tenant, sorted(wanted))
        self._check_identities(taken)
        holding.positions.update(taken)
        holding.next_offsets.update(_next_offsets(taken))
        self._recall(holding.connection, taken)
        holding.connection.commit()
        return taken

    def _recall(self, connection: Connection, taken: Mapping[TopicPartition, Position]) -> None:
        """Have the count begin with the dead letters of those who read these partitions before.

        The window of the ratio is filled with an equal share of each; what this worker counted itself stays out, and so
        do letters that were sent back.
        """
        limit, name = self._consumer.dead_letter_limit, self._consumer.name
        taken = {place: position for place, position in taken.items() if place.topic != retry_topic(name)}
        run = dead_letters.in_a_row(connection, name, _next_offsets(taken), limit.in_a_row)
        new = {place: position for place, position in taken.items() if place not in self._counted}
        share = limit.window // max(len(new), 1)
        dead = dead_letters.among_the_last(connection, name, _next_offsets(new), share) if new else 0
        messages = sum(min(share, max(0, at.next_offset - at.began_at)) for at in new.values())
        self._count.begin_with(run, messages, dead)
        self._counted |= new.keys()

    def _check_identities(self, taken: dict[TopicPartition, Position]) -> None:
        """A topic that was deleted and created again holds other records, however far it has grown."""
        identities = {topic: self._log.identity(topic) for topic in {place.topic for place in taken}}
        for place, position in taken.items():
            if identities[place.topic] != position.log_identity:
                raise ConsumerStopped(
                    f"the consumer {self._consumer.name!r} stopped: the topic {place.topic!r} is not the one that it "
                    "read before (it was deleted and created again, or the log is another one). "
                    + resolution(self._consumer.name, place.topic)
                )

    def give_back(self, holding: Holding) -> None:
        """Release everything in the open transaction."""
        leases.release_all(holding.connection, self._tenant)
        holding.positions.clear()
        holding.next_offsets.clear()

    def filter(self, holding: Holding) -> Admit | None:
        """What drops repetitions, on a log that lanes write to."""
        if not holding.has_lanes or not holding.positions:
            return None
        found = marks.load(holding.connection, self._consumer.name, holding.positions)
        holding.connection.commit()
        specs = self._log.describe(sorted({place.topic for place in holding.positions}))
        compacted = [name for name, spec in specs.items() if spec.cleanup is Cleanup.COMPACT]
        began_at = {place: position.began_at for place, position in holding.positions.items()}
        return marks.LaneFilter(found, began_at, compacted).admit


def _next_offsets(taken: Mapping[TopicPartition, Position]) -> dict[TopicPartition, int]:
    return {place: position.next_offset for place, position in taken.items()}


def resolution(consumer: str, topic: str) -> str:
    """The commands that make an unreadable position good."""
    return (
        f"`manage.py consumer_reset {consumer} --topic {topic} --from-start` reads what the log still holds, "
        f"`--from-end` only what comes from now on; then start the consumer again"
    )
