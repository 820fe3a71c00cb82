"""The tables of visits, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store

_PLAIN = "anchor source_id first_mark last_mark due_at"
_BEHAVIOUR = (
    "first_at", "last_at", "events", "pages", "entry_at", "entry_page", "exit_at", "exit_page", "purposes", "key",
)  # fmt: skip

SESSION_TABLES: tuple[Store, ...] = (
    table_store(
        "profiles_session",
        "Visits of people",
        _PLAIN,
        id=Category.IDENTITY,
        **dict.fromkeys(_BEHAVIOUR, Category.BEHAVIOUR),
    ),
    table_store("profiles_session_clock", "Up to when visits may be ended", "id upto waiting"),
    table_store("profiles_session_lock", "Who has visits, so that they can be locked", "anchor"),
)
