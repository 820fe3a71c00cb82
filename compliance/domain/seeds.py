"""The roles and purposes that an installation starts with; staff may change all but the administrator."""

from typing import Any

from django.contrib.auth.models import Group

from compliance.domain.shipped_roles import SHIPPED
from compliance.enums import Category, LegalBasis, Operation
from compliance.models import Purpose, Role

ADMINISTRATOR = "administrator"
_PURPOSES: list[dict[str, Any]] = [
    {
        "key": "service", "name": "Provide the service", "legal_basis": LegalBasis.CONTRACT.value, "needs_consent": False,
        "description": "Orders, deliveries and questions: what people asked for.",
    },
    {
        "key": "analytics", "name": "Understand use", "aliases": ["Analytics", "Performance", "C0002"],
        "description": "Counting and measuring how the offer is used, to improve it.",
    },
    {
        "key": "personalisation", "name": "Personalise", "aliases": ["Personalization", "Functional", "C0003"],
        "description": "Showing people what suits them.",
    },
    {
        "key": "marketing", "name": "Send marketing", "aliases": ["Marketing", "marketingAndAnalytics"],
        "description": "Messages about offers, and choosing who gets which.", "objection_is_absolute": True,
    },
    {
        "key": "advertising", "name": "Advertise", "aliases": ["Advertising", "Targeting", "C0004"],
        "description": "Advertisements elsewhere, and audiences for them.", "objection_is_absolute": True,
    },
]  # fmt: skip


def seed() -> None:
    """Make what does not exist yet, and give the administrator what this release brings. Idempotent."""
    everything = {"operations": list(Operation), "categories": list(Category), "hashed": [], "hidden": []}
    _role(ADMINISTRATOR, {"description": "May do and see everything", **everything}, renew=True)
    for shipped in SHIPPED:
        _role(shipped.name, shipped.values)
    for row in _PURPOSES:
        Purpose.objects.get_or_create(key=row["key"], defaults=row)


def _role(name: str, values: dict[str, object], *, renew: bool = False) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    if renew:
        Role.objects.update_or_create(group=group, defaults=values)
    else:
        Role.objects.get_or_create(group=group, defaults=values)
