"""Batches of messages as they come, each acknowledged to the broker once it is in."""

import threading
from collections.abc import Iterator

from ingestion.sources.contract import Batch, RefusedRow, Row, Selection, State
from ingestion.sources.mqtt.broker import Broker, Wanted
from ingestion.sources.mqtt.messages import Message, row_of
from ingestion.sources.mqtt.place import IN_FLIGHT, Place
from ingestion.sources.mqtt.session import Session, session

HEARTBEAT_S = 0.2
GATHER_S = 0.05
_LOST = (
    "the broker had forgotten what it kept for us (it was set up anew, or we were away for too long): messages of the time "
    "before may be missing"
)


def listen(broker: Broker, wanted: Wanted, selection: Selection, state: State) -> Iterator[Batch]:
    """Messages of the broker since the state, until the iterator is closed."""
    place = Place.of(state)
    with session(broker, broker.client_of(selection.stream), is_kept=True) as opened:
        if not opened.is_present:
            yield from _begun(place)
        new, gone = place.listens_to(wanted.subscriptions)
        opened.unsubscribe(gone)
        opened.subscribe(new, takes_retained=wanted.takes_retained)
        place.topics = tuple(wanted.subscriptions)
        names = frozenset(selection.names)
        while True:
            messages = opened.collect(IN_FLIGHT, seconds=HEARTBEAT_S, gather_s=GATHER_S)
            yield _batch(messages, opened, place, wanted, names) if messages else Batch(place.state())


def _begun(place: Place) -> Iterator[Batch]:
    """Have it committed that the broker begins anew, before anything is listened to: so no message comes before that."""
    notes = [_LOST] if place.session else []
    place.begin_session()
    is_known = threading.Event()
    yield Batch(place.state(), notes=notes, keeps_state=True, acknowledge=is_known.set)
    while not is_known.wait(HEARTBEAT_S):
        yield Batch(place.state())


def _batch(
    messages: list[Message], opened: Session, place: Place, wanted: Wanted, names: frozenset[str]
) -> Batch:
    rows: list[Row] = []
    refused: list[RefusedRow] = []
    for message in messages:
        identity = place.identity(message)
        if identity is None or (message.is_retained and not wanted.takes_retained):
            continue
        made = row_of(message, identity, wanted, names)
        if isinstance(made, Row):
            rows.append(made)
        else:
            refused.append(made)
    packets = [message.packet for message in messages if message.qos]
    return Batch(
        place.state(), rows, refused, keeps_state=True, acknowledge=lambda: opened.acknowledge(packets)
    )
