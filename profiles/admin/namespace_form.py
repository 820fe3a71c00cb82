"""The form of a namespace: what was typed, read as values; the domain says what is wrong with them."""

from collections.abc import Mapping
from typing import Any

from profiles.domain.rules.values import NamespaceValues
from profiles.enums import ContentUse, Level

LISTS = (
    "paths",
    "verified_paths",
    "blocked_values",
    "blocked_patterns",
    "shared_patterns",
    "content_patterns",
)
NUMBERS = ("priority", "limit", "limit_days")
MAX_TEXT = 1_200_000  # characters of a list: as many blocked values as there may be
LEVELS = {
    Level.PERSON: "Person: joins whatever has the same value",
    Level.DEVICE: "Device: joins too, but does not make a visitor known",
    Level.GROUP: "Group: attaches people to a group, joins nobody",
    Level.HOUSEHOLD: "Household: attaches people to a household, joins nobody",
}
CONTENT = {
    ContentUse.OFF: "Texts are not searched",
    ContentUse.PROPOSE: "A link is proposed for review",
    ContentUse.JOIN: "A link joins, after all others",
}


def read_form(posted: Mapping[str, str], former: NamespaceValues) -> tuple[NamespaceValues, dict[str, str]]:
    """What was typed, and of each field that is no number what should stand there."""
    problems: dict[str, str] = {}
    lists: dict[str, Any] = {field: _lines(posted.get(field, "")) for field in LISTS}
    lists["blocked_values"] = list(dict.fromkeys(each.lower() for each in lists["blocked_values"]))
    if "" in former["blocked_values"]:  # an empty line cannot be typed
        lists["blocked_values"].insert(0, "")
    for field in LISTS:
        if sorted(lists[field]) == sorted(former[field]):  # type: ignore[literal-required]  # one of its keys
            lists[field] = former[field]  # type: ignore[literal-required]  # one of its keys
    return {
        "name": posted.get("name", "").replace("\0", "").strip()[:200],
        "level": posted.get("level", ""),
        "priority": _number(posted, "priority", problems) or 0,
        "limit": _number(posted, "limit", problems),
        "limit_days": _number(posted, "limit_days", problems),
        "unique": "unique" in posted,
        "shareable": "shareable" in posted,
        "normaliser": posted.get("normaliser", "").strip()[:40],
        "content": posted.get("content", ""),
        **lists,  # type: ignore[typeddict-item]  # the other keys
    }, problems


def shown(values: NamespaceValues) -> dict[str, Any]:
    """The values as the fields show them."""
    lists = {
        field: "\n".join(each for each in values[field] if each)  # type: ignore[literal-required]  # one of its keys
        for field in LISTS
    }
    return {**values, **lists, "limit": values["limit"] or "", "limit_days": values["limit_days"] or ""}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text[:MAX_TEXT].replace("\0", "").splitlines() if line.strip()]


def _number(posted: Mapping[str, str], field: str, problems: dict[str, str]) -> int | None:
    text = posted.get(field, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 8:  # noqa: PLR2004 -- more than any rule allows
        return int(text)
    problems[field] = "It should be a whole number."
    return None
