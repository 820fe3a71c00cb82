"""The roles and purposes that an installation starts with; staff may change all but the administrator."""

from typing import Any

from django.contrib.auth.models import Group

from compliance.enums import Category, Operation
from compliance.models import Purpose, Role

ADMINISTRATOR = "administrator"
MARKETER = "marketer"
_MARKETER_OPERATIONS = [
    Operation.HOME_VIEW,
    Operation.PEOPLE_VIEW,
    Operation.PEOPLE_SEARCH,
    Operation.EVENTS_VIEW,
    Operation.SOURCES_VIEW,
]
_PURPOSES: list[dict[str, Any]] = [
    {"key": "service", "name": "Provide the service", "needs_consent": False},
    {"key": "analytics", "name": "Understand use", "aliases": ["Analytics", "Performance", "C0002"]},
    {"key": "personalisation", "name": "Personalise", "aliases": ["Personalization", "Functional", "C0003"]},
    {"key": "marketing", "name": "Send marketing", "aliases": ["Marketing", "marketingAndAnalytics"]},
    {"key": "advertising", "name": "Advertise", "aliases": ["Advertising", "Targeting", "C0004"]},
]  # fmt: skip


def seed() -> None:
    """Make what does not exist yet, and give the administrator what this release brings. Idempotent."""
    everything = {"operations": list(Operation), "categories": list(Category)}
    _role(ADMINISTRATOR, {"description": "May do and see everything", **everything}, renew=True)
    _role(
        MARKETER,
        {
            "description": "Works with people and what they do; contact and special data are masked",
            "operations": _MARKETER_OPERATIONS,
            "categories": [category for category in Category if not category.is_sensitive],
        },
    )
    for row in _PURPOSES:
        Purpose.objects.get_or_create(key=row["key"], defaults=row)


def _role(name: str, values: dict[str, object], *, renew: bool = False) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    if renew:
        Role.objects.update_or_create(group=group, defaults=values)
    else:
        Role.objects.get_or_create(group=group, defaults=values)
