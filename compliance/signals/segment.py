"""Segment's form: `context.consent.categoryPreferences`, from each category's name to true, false or null (unset)."""

from collections.abc import Iterator, Mapping
from typing import Any


def categories(context: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is said of each category; whatever is neither true nor unset is a refusal."""
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if isinstance(preferences, dict):
        for name, granted in preferences.items():
            if isinstance(name, str) and granted is not None:
                yield name, granted is True
