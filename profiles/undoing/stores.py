"""The tables of undone imports, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store

UNDO_TABLES: tuple[Store, ...] = (
    table_store(
        "profiles_undo",
        "Imports that were undone",
        "import_id since until begun_at state phase cursor done total events people links ended_at failed",
        by=Category.IDENTITY,
    ),
    table_store(
        "profiles_undo_item", "What is left to look at while an import is undone", "import_id is_anchor item"
    ),
)
