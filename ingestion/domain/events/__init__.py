"""From an item as a client sent it to an event of the log: validation, normalisation, times. Knows no Django."""

from ingestion.domain.events.accept import accept_item, encode_accepted
from ingestion.domain.events.envelope import Envelope
from ingestion.domain.events.rejection import ItemRejected, rejection_record, withheld_record
from ingestion.domain.events.repair import NotJson, parse_json, repaired, text_of_bytes

__all__ = [
    "Envelope", "ItemRejected", "NotJson", "accept_item", "encode_accepted", "parse_json", "rejection_record", "repaired",
    "text_of_bytes", "withheld_record",
]  # fmt: skip
