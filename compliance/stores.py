"""The registry of places that hold personal data. Whoever brings a table, topic, cache or folder registers it.

An architecture test fails when a model field, a table, a topic or a folder is in no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.enums import Category

KINDS = ("table", "topic", "files", "cache")


@dataclass(frozen=True)
class Store:
    """One place: `table:NAME`, `topic:PATTERN` (fnmatch), `files:FOLDER` under HEADWATER_HOME, or `cache:NAME`.

    `fields` has every column or part of a record with its category, or None for what is no personal data.
    A table's partitions belong to it: the pattern `table:NAME_*` names tables that are made at run time.
    """

    name: str
    description: str
    location: str
    fields: Mapping[str, Category | None]

    def __post_init__(self) -> None:
        kind, _, place = self.location.partition(":")
        if kind not in KINDS or not place:
            raise ValueError(
                f"store {self.name}: the location {self.location!r} should be one of "
                f"{', '.join(f'{kind}:NAME' for kind in KINDS)}"
            )

    @property
    def kind(self) -> str:
        """Table, topic, files or cache."""
        return self.location.partition(":")[0]

    @property
    def place(self) -> str:
        """The location without its kind."""
        return self.location.partition(":")[2]

    @property
    def is_personal(self) -> bool:
        """Whether anything in it is personal data."""
        return any(self.fields.values())


def table_store(table: str, description: str, plain: str = "", **personal: Category) -> Store:
    """The store of a table, named like it: columns of no personal data as one text, and the others by category."""
    fields: dict[str, Category | None] = {**dict.fromkeys(plain.split()), **personal}
    return Store(table, description, f"table:{table}", fields)


_stores: dict[str, Store] = {}


def register_store(store: Store) -> None:
    """Make a store known. Raises ValueError when another one has its name."""
    if _stores.setdefault(store.name, store) != store:
        raise ValueError(f"two stores are registered as {store.name!r}")


def registered_stores() -> tuple[Store, ...]:
    """All stores by name."""
    return tuple(_stores[name] for name in sorted(_stores))
