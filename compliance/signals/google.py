"""Google Consent Mode: `granted` or `denied` for each kind of storage and use; what is unset is not denied.

Sites pass the object that they give to `gtag("consent", …)`: as `context.consent` itself, within it as `google`, or beside
it as `consentMode` or `googleConsentMode`. Google's own parameter `gcs` (`G1` and a digit each for `ad_storage` and
`analytics_storage`) is read in the same places.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

NAMES = (
    "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage",
    "personalization_storage", "security_storage",
)  # fmt: skip
PLACES = ("consent", "consent.google", "consentMode", "googleConsentMode")
"""Where in the context."""
_SAID = {"granted": True, "denied": False}
_GCS = re.compile(r"G1([01-])([01-])")
_READ = frozenset((*NAMES, "gcs"))
_DIGITS = {"1": True, "0": False}


def settings(context: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is said of each name; one that says neither granted nor denied says nothing."""
    for place in PLACES:
        said = _at(context, place)
        if isinstance(said, dict) and not _READ.isdisjoint(said):  # most are another tool's
            yield from _settings(said)


def _settings(said: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for name in NAMES:
        value = said.get(name)
        granted = _SAID.get(value.lower()) if isinstance(value, str) else value
        if isinstance(granted, bool):
            yield name, granted
    gcs = said.get("gcs")
    found = _GCS.fullmatch(gcs) if isinstance(gcs, str) else None
    for name, digit in zip(
        ("ad_storage", "analytics_storage"), found.groups() if found else (), strict=False
    ):
        if digit in _DIGITS:
            yield name, _DIGITS[digit]


def _at(context: Mapping[str, Any], place: str) -> Any:
    outer, _, inner = place.partition(".")
    found = context.get(outer)
    return found.get(inner) if inner and isinstance(found, dict) else None if inner else found
