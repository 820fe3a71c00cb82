"""The tables of behaviour, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store

_BEHAVIOUR = (
    "key", "first_at", "last_at", "features", "purposes",
)  # fmt: skip

BEHAVIOUR_TABLES: tuple[Store, ...] = (
    table_store(
        "profiles_behaviour_visit",
        "How visits went, and what annoyed in them",
        "source_id is_cut",
        anchor=Category.IDENTITY,
        id=Category.IDENTITY,
        # Texts of errors, and what complaints are about, may say anything.
        facts=Category.UNCLASSIFIED,
        annoyances=Category.UNCLASSIFIED,
        **dict.fromkeys(_BEHAVIOUR, Category.BEHAVIOUR),
    ),
    table_store(
        "profiles_behaviour_lock",
        "Who has visits, so that their behaviour can be locked",
        anchor=Category.IDENTITY,
    ),
)
