"""The tables of social accounts, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store

_BEHAVIOUR = Category.BEHAVIOUR

SOCIAL_TABLES: tuple[Store, ...] = (
    table_store(
        "profiles_social_account",
        "What people are called on social networks, and how active they are there",
        anchor=Category.IDENTITY,
        handle=Category.CONTACT,
        network=_BEHAVIOUR,
        followers=_BEHAVIOUR,
        totals=_BEHAVIOUR,
    ),
    table_store(
        "profiles_social_item",
        "Posts, likes and the like, each as a digest of what it was",
        anchor=Category.IDENTITY,
        **dict.fromkeys(
            ("network", "subject", "target", "at", "message", "kind", "sentiment", "reach"), _BEHAVIOUR
        ),
    ),
)
