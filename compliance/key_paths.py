"""Paths of what stands within values: `address.city`, `items[].sku`, and `prices.*` for what stands under any id.

A document keyed by ids (`{"1001": …, "1002": …}`) is a map: its keys are data, not names, and all have one path. Whether a
name is an id is told by the name alone, so that whoever reads an event finds the path under which it was catalogued.
docs/adr/0114-nested-properties.md.
"""

import re
from functools import lru_cache

EACH = "*"
"""What stands in a path for every id."""

_LONGEST = 255
# What only ids look like. A small number behind a word (`line2`, `iso8601`, `sha256`) is part of a name.
_ID = re.compile(
    r"""
      ^(?=.*\d)[\d\W_]+$                                  # 1001, 2026-11-30, 12:30
    | \d{5} | [^\W\d_][-_:./\#\ ]\d{4}                    # user12345, sku-4711
    | [0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}        # a UUID
    | ^[0-9a-f]{12,}$                                      # a digest, an ObjectId
    | ^(?=[\w-]{16,}$)\D*\d+\D+\d+\D+\d                   # 01ARZ3NDEKTSV4RRFFQ69G5FAV
    | @ | (?:\d[\s().-]*){7}                               # an address or a number of a person
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=8192)
def shared_name(key: str) -> str:
    """The name of a key in paths: EACH for an id, else the key itself."""
    return EACH if len(key) <= _LONGEST and _ID.search(key) else key


def path_within(outer: str, key: str) -> str:
    """The path of a key within a value of the path `outer`; of one that stands at the top without it."""
    return f"{outer}.{shared_name(key)}" if outer else shared_name(key)


@lru_cache(maxsize=8192)
def shared_path(path: str) -> str:
    """A path as it is written today, of one that may be from before ids had one name."""
    steps = (step.partition("[]") for step in path.split("."))
    return ".".join(f"{shared_name(name)}{lists}{more}" for name, lists, more in steps)
