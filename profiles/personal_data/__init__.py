"""Where profiles keeps personal data."""

from compliance.stores import register_store
from profiles.behaviour.stores import BEHAVIOUR_TABLES
from profiles.combining.stores import COMBINED_TABLES, COMBINED_TOPICS
from profiles.personal_data.identity import IDENTITY
from profiles.personal_data.people import PEOPLE
from profiles.personal_data.rules import RULES
from profiles.sessions.stores import SESSION_TABLES
from profiles.social.stores import SOCIAL_TABLES
from profiles.undoing.stores import UNDO_TABLES


def register_stores() -> None:
    """Make it known to compliance."""
    for store in (
        *RULES,
        *IDENTITY,
        *PEOPLE,
        *COMBINED_TOPICS,
        *COMBINED_TABLES,
        *SESSION_TABLES,
        *SOCIAL_TABLES,
        *BEHAVIOUR_TABLES,
        *UNDO_TABLES,
    ):
        register_store(store)
