"""People, their facts, and what is told of them, field by field (None: not personal)."""

from collections.abc import Mapping

from compliance.enums import Category
from compliance.stores import Store

_IDENTITY, _BEHAVIOUR = Category.IDENTITY, Category.BEHAVIOUR


def _table(name: str, description: str, plain: tuple[str, ...], /, **personal: Category) -> Store:
    fields: Mapping[str, Category | None] = {**dict.fromkeys(plain, None), **personal}
    return Store(f"profiles.{name}", description, f"table:profiles_{name}", fields)


# What an event or a person says of anything: a value's own category follows from its key (compliance.classification).
_EVENT_FIELDS: Mapping[str, Category | None] = {
    **dict.fromkeys(("id", "anchor", "received_at", "source_id", "import_id", "evidence"), None),
    "event": _BEHAVIOUR,
    "timestamp": _BEHAVIOUR,
    "client_time": _BEHAVIOUR,
    "message_id": _BEHAVIOUR,
    "purposes": _BEHAVIOUR,
    "properties": Category.UNCLASSIFIED,
    "context": Category.UNCLASSIFIED,
    "traits": Category.UNCLASSIFIED,
}

PEOPLE: tuple[Store, ...] = (
    _table(
        "anchor",
        "What facts belong to: pairs of identifiers",
        ("id", "anonymous", "user", "other", "home", "profile", "mapping_version", "sources"),
        key=_IDENTITY,
        birth_id=_IDENTITY,
        live_id=_IDENTITY,
        first_seen=_BEHAVIOUR,
    ),
    _table(
        "profile",
        "People: combined traits and where they stand",
        ("id", "cluster", "incarnation", "version"),
        public_id=_IDENTITY,
        traits=Category.UNCLASSIFIED,
        provenance=Category.UNCLASSIFIED,
        lifecycle=Category.TRANSACTIONS,
        first_seen=_BEHAVIOUR,
        last_purchase=Category.TRANSACTIONS,
    ),
    _table("profilename", "Names of people, for search", ("profile",), name=Category.CONTACT),
    _table("eventname", "Names of events", ("id", "type", "name")),
    _table(
        "daily_counter",
        "How often people had an event on a day",
        ("anchor", "day"),
        event=_BEHAVIOUR,
        count=_BEHAVIOUR,
        first_at=_BEHAVIOUR,
        last_at=_BEHAVIOUR,
    ),
    _table(
        "activity",
        "When people were last seen (a view over the daily counters)",
        ("profile",),
        last_seen=_BEHAVIOUR,
        events=_BEHAVIOUR,
    ),
    _table(
        "trait_version",
        "The newest value of each trait from each source",
        ("anchor", "key", "source_id", "import_id"),
        value=Category.UNCLASSIFIED,
        timestamp=_BEHAVIOUR,
        message_id=_BEHAVIOUR,
        purposes=_BEHAVIOUR,
    ),
    _table(
        "consent",
        "What people said of purposes",
        ("anchor", "source_id", "import_id"),
        purpose=_BEHAVIOUR,
        granted=_BEHAVIOUR,
        timestamp=_BEHAVIOUR,
        message_id=_BEHAVIOUR,
    ),
    _table(
        "consent_day",
        "The history of what people said of purposes, by day",
        ("anchor", "source_id", "import_id", "text_version", "received_at"),
        purpose=_BEHAVIOUR,
        day=_BEHAVIOUR,
        granted=_BEHAVIOUR,
        first_at=_BEHAVIOUR,
        last_at=_BEHAVIOUR,
        message_id=_BEHAVIOUR,
        proof=Category.UNCLASSIFIED,
    ),
    _table(
        "declaration",
        "What people declared through the API or to staff: consent, objection, restriction",
        ("id", "act", "anchor", "origin", "text_version", "received_at"),
        kind=_BEHAVIOUR,
        purpose=_BEHAVIOUR,
        holds=_BEHAVIOUR,
        by=_IDENTITY,
        reason=Category.UNCLASSIFIED,
        proof=Category.UNCLASSIFIED,
        said_at=_BEHAVIOUR,
    ),
    Store("profiles.timeline", "Events that were applied", "table:profiles_timeline", _EVENT_FIELDS),
    Store("profiles.timeline_month", "Events, by month", "table:profiles_timeline_*", _EVENT_FIELDS),
    _table(
        "suppressed_message",
        "Messages that were not stored because of whom they name, as hashes",
        ("source_id", "noted_at"),
        client_time=_BEHAVIOUR,
        hash=_BEHAVIOUR,
    ),
    _table(
        "builder_minute",
        "What the profile builder did, by minute",
        (
            "minute",
            "worker",
            "applied",
            "duplicates",
            "suppressed",
            "rejected",
            "latency",
            "merges",
            "splits",
            "refused",
            "content",
        ),
    ),
    Store(
        "profiles.changes",
        "Changes of people, for what follows",
        "topic:profiles.changes",
        {
            **dict.fromkeys(("v", "type", "version", "at", "keys", "cause", "part"), None),
            "profile": _IDENTITY,
            "source": _IDENTITY,
            "anchors": _IDENTITY,
            "value": Category.UNCLASSIFIED,
        },
    ),
    Store(
        "profiles.events",
        "Events with the people they are of, for what follows",
        "topic:profiles.events",
        {
            **dict.fromkeys(("v", "mapping_version"), None),
            "profile": _IDENTITY,
            "anchor": _IDENTITY,
            "event": Category.UNCLASSIFIED,
        },
    ),
)
