"""How a name of a consent tool is written to be compared: lower case, with `_` for whatever is neither letter nor digit."""

import re
from functools import lru_cache
from typing import Any

ONLY = "only"  # what stands for a limit in the record of a fact (`compliance.consent`), so that no name may be it
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_KEPT, _LONGEST_KEPT = 4096, 80  # of the names that each event repeats it is remembered how they are written


def key_of(name: Any) -> str:
    """The name; an empty text for what is none."""
    if not isinstance(name, str):
        return ""
    return _remembered(name) if len(name) <= _LONGEST_KEPT else _written(name)


def _written(name: str) -> str:
    key = _NOT_KEY.sub("_", name.lower()).strip("_")
    return "" if key == ONLY else key


_remembered = lru_cache(_KEPT)(_written)
