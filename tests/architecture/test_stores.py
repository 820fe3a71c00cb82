"""Nothing of ours keeps personal data that is not registered, with a category for every field."""

import ast
import re
from fnmatch import fnmatchcase

import pytest

from compliance.stores import Store, registered_stores
from streaming.contracts import combined, events, profiles
from streaming.registry import registered_consumers
from tests.architecture.source_tree import constant, modules

# Folders and files of HEADWATER_HOME that hold nothing about people, or hold it as a database that is registered.
PLAIN_FILES = {
    "postgres": "the embedded server: its tables are registered",
    "static": "style sheets and scripts",
    "keys": "keys",
    "anchors": "hashes and numbers of rows",
    "secret_key": "a key",
    "run": "locks, sockets and metrics of running processes",
    "access.json": "logins of the demo's invented staff",
    "demo_traffic.json": "how far the demo came",
}

HOME = re.compile(r"(?:^|[.(\W])_?(?:HEADWATER_HOME|home)\)*(?:\.resolve\(\))?$")
_COLUMNS = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
    array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
GROUP BY 1
"""


def stores(kind: str) -> list[Store]:
    return [store for store in registered_stores() if store.kind == kind]


def store_of(kind: str, place: str) -> Store | None:
    exact = [store for store in stores(kind) if store.place == place]
    return next(iter(exact or [store for store in stores(kind) if fnmatchcase(place, store.place)]), None)


@pytest.fixture
def columns(fresh_database) -> dict[str, list[str]]:
    """The columns of every table and view, those of raw SQL and of packages too."""
    with fresh_database.connect() as session:
        return dict(session.execute(_COLUMNS).fetchall())


def problems_of_tables(columns: dict[str, list[str]]) -> list[str]:
    found = []
    for table, names in sorted(columns.items()):
        store = store_of("table", table)
        if store is None:
            found.append(f"{table} is in no store: register it, with the category of each of its columns")
            continue
        found += [
            f"{table}.{name} is not classified: give it a category, or None, in the store {store.name}"
            for name in names
            if not {name, name.removesuffix("_id")} & set(store.fields)
        ]
    return found


def stale_fields(columns: dict[str, list[str]]) -> list[str]:
    found = []
    for store in stores("table"):
        names = {
            name for table, names in columns.items() if fnmatchcase(table, store.place) for name in names
        }
        if not names and "*" in store.place:
            continue
        found += [
            f"the store {store.name} classifies {field}, which {store.place} does not have"
            for field in store.fields
            if not {field, f"{field}_id"} & names
        ]
    return found


def test_every_column_of_every_table_is_classified(columns):
    assert len(columns) > 40
    assert problems_of_tables(columns) == []


def test_no_store_classifies_what_is_not_there(columns):
    assert stale_fields(columns) == []


def test_a_new_table_or_column_is_noticed(columns):
    columns["profiles_shoe_size"] = ["id"]
    columns["profiles_profile"] = [*columns["profiles_profile"], "shoe_size"]
    columns["profiles_anchor"].remove("birth_id")
    assert [problem.partition(":")[0] for problem in problems_of_tables(columns)] == [
        "profiles_profile.shoe_size is not classified",
        "profiles_shoe_size is in no store",
    ]
    assert stale_fields(columns) == [
        "the store profiles.anchor classifies birth_id, which profiles_anchor does not have"
    ]


def topics() -> set[str]:
    """Every topic that the code names: constants of the contracts, and what consumers read and publish."""
    found = {
        value
        for module in (combined, events, profiles)
        for name, value in vars(module).items()
        if name.endswith(("_TOPIC", "_TOPICS")) and isinstance(value, str)
    }
    for name, factory in registered_consumers().items():
        consumer = factory()
        found |= {*consumer.topics, *(spec.name for spec in consumer.publishes), f"dead_letters.{name}"}
    return found


def test_every_topic_is_classified():
    assert {"events.*", "events.other", "rejections", "dead_letters.profiles"} <= topics()
    assert [topic for topic in sorted(topics()) if store_of("topic", topic) is None] == []


def home_files() -> set[str]:
    """The first part below HEADWATER_HOME of every path that the code builds."""
    found = set()
    for module in modules().values():
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Div)
                and HOME.search(ast.unparse(node.left))
            ):
                part = constant(module.name, node.right)
                assert part, (
                    f"{module.name}:{node.lineno} builds a path below HEADWATER_HOME that nobody can know"
                )
                found.add(part)
    return found


def test_every_folder_of_the_home_is_classified_or_plain():
    assert {"postgres", "keys", "uploads", "spool"} <= home_files()
    unknown = {name for name in home_files() - set(PLAIN_FILES) if store_of("files", name) is None}
    assert unknown == set(), "register these as files:NAME, or say in PLAIN_FILES why they are not personal"


def test_every_use_of_a_cache_is_registered():
    users = {
        module.name
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.core.cache"
    }
    assert [name for name in sorted(users) if store_of("cache", name) is None] == []
