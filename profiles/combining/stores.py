"""The topics of combined records, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store
from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC


def _topic(topic: str, description: str) -> Store:
    fields = {
        **dict.fromkeys(("v", "type", "version", "at"), None),
        "id": Category.IDENTITY,
        "anchor": Category.IDENTITY,
        "superseded_by": Category.IDENTITY,
        "value": Category.UNCLASSIFIED,
    }
    return Store(f"profiles.topic.{topic}", description, f"topic:{topic}", fields)


COMBINED_TOPICS = (
    _topic(SESSIONS_TOPIC, "Visits, for what follows"),
    _topic(SOCIAL_TOPIC, "What people do in social networks, for what follows"),
    _topic(BEHAVIOUR_TOPIC, "How visits went, for what follows"),
)

COMBINED_TABLES = (
    table_store(
        "profiles_combined_rebuild",
        "How far the topics of combined records have been published anew",
        "topic incarnation",
        after=Category.IDENTITY,
    ),
)
