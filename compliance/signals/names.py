"""What an event says of consent by name, in whatever form: names that purposes may be known by."""

from collections.abc import Iterator, Mapping
from typing import Any

from compliance.signals import google, rudderstack, segment, tcf

MOST_PROOF = 2000  # characters
SPOKEN_IN = frozenset({"consentManagement", *(place.partition(".")[0] for place in google.PLACES)})
"""The keys of a context under which names are: most events have none of them."""


def named_consents(context: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is said by names of consent tools. A TC string has numbers, which count only where a source maps them."""
    yield from segment.categories(context)
    yield from rudderstack.categories(context)
    yield from google.settings(context)


def proof_of(context: Mapping[str, Any]) -> str:
    """What proves it beyond what it says: the TC string as it came; an empty text where there is none."""
    return tcf.text_of(context)[:MOST_PROOF]
