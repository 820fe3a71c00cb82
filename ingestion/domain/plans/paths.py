r"""Paths of properties: `total`, `address.city`, `products[].price`, `prices.*` for what stands under any other key.

A dot or bracket of a name has a backslash before it, and so has a name that is `*`.
"""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

from compliance import key_paths

ITEMS = None
"""The step from a list to its items."""


class _Each(Enum):
    EACH = key_paths.EACH


EACH: Final = _Each.EACH
"""The step from an object to what stands under all keys that it does not name."""

Step = str | _Each | None
Steps = tuple[Step, ...]
_STEP = re.compile(r"\[\]|((?:\\.|[^.\[\\])+)|(\.)")
_SPECIAL = re.compile(r"[.\[\\]")


class PathError(ValueError):
    """The text is no path; the message says what one looks like."""


def steps_of(text: str) -> Steps:
    """The steps of a path. Raises PathError."""
    steps: list[Step] = []
    place, wants_name = 0, True
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None or (found[1] is None) == wants_name or (wants_name and found[0] == "[]"):
            raise PathError(_wrong(text))
        if found[1] is not None:
            steps.append(EACH if found[1] == EACH.value else re.sub(r"\\(.)", r"\1", found[1]))
        elif found[0] == "[]":
            steps.append(ITEMS)
        wants_name = found[2] is not None
        place = found.end()
    if wants_name:
        raise PathError(_wrong(text))
    return tuple(steps)


def path_of(steps: Sequence[Step]) -> str:
    """The text of a path."""
    return "".join("[]" if step is ITEMS else f".{_name(step)}" for step in steps).removeprefix(".")


def _name(step: str | _Each) -> str:
    if step is EACH:
        return EACH.value
    return f"\\{step}" if step == EACH.value else _SPECIAL.sub(_escaped, step)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _wrong(text: str) -> str:
    return f"{text[:80]!r} is no property: write `total`, `address.city`, or `products[].price` for what stands in a list"
