"""One event as the builder reads it, without a database."""

from typing import Any

from compliance.identifiers import normalise
from profiles.builder.arrival import Arrival, Reader
from profiles.builder.extraction import Extractor
from profiles.builder.rules import RuleBook
from tests.profiles.builder.driver import record_of


def arrival_of(book: RuleBook, event: dict[str, Any]) -> Arrival:
    return Reader(book, Extractor(book.namespaces, normalise)).read(record_of(event))
