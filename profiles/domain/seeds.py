"""The namespaces and the lifecycle rule that an installation starts with; staff may change them afterwards."""

from typing import Any

from profiles.enums import Level
from profiles.models import LifecycleRule, Namespace

# Values that sources send when they know nobody, and that elsewhere became one person of thousands.
BLOCKED_VALUES = [
    "", "-1", "0", "00000000-0000-0000-0000-000000000000", "[object object]", "anon", "anonymous", "anonymous_user",
    "anonymousid", "customer", "default", "distinct_id", "distinctid", "email", "example", "false", "guest", "id",
    "n/a", "na", "nan", "nil", "none", "not_authenticated", "not_set", "null", "test", "true", "undefined",
    "unknown", "user", "user_id", "userid", "visitor",
]  # fmt: skip
BLOCKED_PATTERNS = [r"[0\-\s]*", r"[\"'](null|undefined|none|guest|anonymous|nan|)[\"']"]

# What an installation starts with, strongest first: that is the priority.
_NAMESPACES: list[dict[str, Any]] = [
    {"key": "user_id", "name": "User id", "unique": True, "paths": ["user_id"]},
    {
        "key": "customer_number",
        "name": "Customer number",
        "unique": True,
        "paths": ["traits.customer_number", "traits.customerNumber"],
    },
    {
        "key": "email",
        "name": "E-mail",
        "shareable": True,
        "limit": 5,
        "normaliser": "email",
        "paths": ["traits.email", "context.traits.email"],
    },
    {
        "key": "phone",
        "name": "Phone",
        "shareable": True,
        "limit": 5,
        "normaliser": "phone",
        "paths": ["traits.phone", "context.traits.phone"],
    },
    {
        "key": "device_id",
        "name": "Device",
        "level": Level.DEVICE,
        "limit": 50,
        "paths": ["context.device.id"],
    },
    {
        "key": "anonymous_id",
        "name": "Anonymous id",
        "level": Level.DEVICE,
        "limit": 500,
        "paths": ["anonymous_id"],
    },
    {
        "key": "click_id",
        "name": "Click id",
        "level": Level.DEVICE,
        "limit": 500,
        "paths": ["context.campaign.click_id"],
    },
    {"key": "group_id", "name": "Group", "level": Level.GROUP, "paths": ["group_id"]},
    {
        "key": "household",
        "name": "Household",
        "level": Level.HOUSEHOLD,
        "paths": ["traits.household", "context.traits.household"],
    },
]


def seed_rules() -> None:
    """Make the rules that do not exist yet. Idempotent; never changes what is there."""
    for priority, row in enumerate(_NAMESPACES, start=1):
        Namespace.objects.get_or_create(
            key=row["key"],
            defaults={
                "level": Level.PERSON,
                "priority": priority,
                "blocked_values": BLOCKED_VALUES,
                "blocked_patterns": BLOCKED_PATTERNS,
                **row,
            },
        )
    LifecycleRule.objects.get_or_create(id=1, defaults={"customer_events": ["Order Completed"]})
