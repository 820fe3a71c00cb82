"""How a name of a consent tool is written to be compared: lower case, with `_` for whatever is neither letter nor digit."""

import re
from typing import Any

ONLY = "only"  # what stands for a limit in the record of a fact (`compliance.consent`), so that no name may be it
_NOT_KEY = re.compile(r"[^a-z0-9]+")


def key_of(name: Any) -> str:
    """The name; an empty text for what is none."""
    key = _NOT_KEY.sub("_", name.lower()).strip("_") if isinstance(name, str) else ""
    return "" if key == ONLY else key
