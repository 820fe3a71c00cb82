"""What the API and the screens ask of people.

Each question takes the actor who asks, requires the operation, hides what the actor may not see, and keeps the
read in the audit trail before it answers.
"""

from profiles.domain.queries.arrivals import ArrivedIds, Behind, people_behind, usable_behind
from profiles.domain.queries.counts import PeopleCount, people_count
from profiles.domain.queries.explain import Explanation, explain
from profiles.domain.queries.finding import Gone, UnknownPerson
from profiles.domain.queries.identifiers import HeldIdentifier, Standing, identifiers
from profiles.domain.queries.latency import Latency, latency
from profiles.domain.queries.lineage import lineage
from profiles.domain.queries.links import End, Link
from profiles.domain.queries.merges import Change, Merge, Split
from profiles.domain.queries.paging import MAX_PAGE, InvalidCursor, Page
from profiles.domain.queries.people import people, people_identified, person
from profiles.domain.queries.search import TooBroad, search
from profiles.domain.queries.shown import Person, PersonIdentifier
from profiles.domain.queries.timeline import TimelineFilter, TimelineItem, timeline
from profiles.domain.queries.traits import Trait, trait_history, traits

__all__ = [
    "MAX_PAGE", "ArrivedIds", "Behind", "Change", "End", "Explanation", "Gone", "HeldIdentifier", "InvalidCursor",
    "Latency", "Link", "Merge", "Page", "PeopleCount", "Person", "PersonIdentifier", "Split", "Standing",
    "TimelineFilter", "TimelineItem", "TooBroad", "Trait", "UnknownPerson", "explain", "identifiers", "latency",
    "lineage", "people", "people_behind", "people_count", "people_identified", "person", "search", "timeline",
    "trait_history", "traits", "usable_behind",
]  # fmt: skip
