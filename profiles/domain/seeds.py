"""The namespaces and the lifecycle rule that an installation starts with; staff may change them afterwards."""

from typing import Any

from profiles.domain.placeholders import (
    BLOCKED_PATTERNS,
    BLOCKED_VALUES,
    CLOCK_PATTERNS,
    EMAIL_PATTERNS,
    PHONE_PATTERNS,
    SHARED_MAILBOXES,
)
from profiles.enums import ContentUse, Level
from profiles.models import LifecycleRule, Namespace

# Of a postal address the parts that make one household of it.
_ADDRESS_PATHS = [
    f"{root}{postcode}+{root}{number}+{root}country?"
    for root, postcode, number in (
        ("traits.", "postal_code", "house_number"),
        ("traits.", "postcode", "house_number"),
        ("traits.", "zip", "house_number"),
        ("traits.address.", "postal_code", "house_number"),
        ("traits.address.", "postalCode", "houseNumber"),
        ("traits.address.", "postalCode", "street"),
    )
]

_NAMESPACES: list[dict[str, Any]] = [
    {"key": "user_id", "name": "User id", "priority": 1, "unique": True, "paths": ["user_id"]},
    {
        "key": "customer_number",
        "name": "Customer number",
        "priority": 2,
        "unique": True,
        "paths": ["traits.customer_number", "traits.customerNumber"],
    },
    {
        "key": "email",
        "name": "E-mail",
        "priority": 3,
        "shareable": True,
        "limit": 5,
        "normaliser": "email",
        "paths": ["traits.email", "context.traits.email"],
        "verified_paths": ["traits.email_verified", "traits.emailVerified", "context.traits.email_verified"],
        "blocked_patterns": [*BLOCKED_PATTERNS, *EMAIL_PATTERNS],
        "shared_patterns": SHARED_MAILBOXES,
        "content": ContentUse.PROPOSE,
    },
    {
        "key": "phone",
        "name": "Phone",
        "priority": 4,
        "shareable": True,
        "limit": 5,
        "normaliser": "phone",
        "paths": ["traits.phone", "context.traits.phone"],
        "verified_paths": ["traits.phone_verified", "traits.phoneVerified"],
        "blocked_patterns": [*BLOCKED_PATTERNS, *PHONE_PATTERNS],
        "content": ContentUse.PROPOSE,
    },
    {
        "key": "device_id",
        "name": "Device",
        "priority": 5,
        "level": Level.DEVICE,
        "limit": 50,
        "paths": ["context.device.id"],
    },
    {
        "key": "anonymous_id",
        "name": "Anonymous id",
        "priority": 6,
        "level": Level.DEVICE,
        "limit": 500,
        "paths": ["anonymous_id"],
    },
    {
        "key": "click_id",
        "name": "Click id",
        "priority": 7,
        "level": Level.DEVICE,
        "limit": 500,
        "paths": ["context.campaign.click_id"],
    },
    {"key": "group_id", "name": "Group", "priority": 8, "level": Level.GROUP, "paths": ["group_id"]},
    {
        "key": "household",
        "name": "Household",
        "priority": 9,
        "level": Level.HOUSEHOLD,
        "paths": ["traits.household", "context.traits.household"],
    },
    {
        "key": "advertising_id",
        "name": "Advertising id",
        "priority": 10,
        "level": Level.DEVICE,
        "limit": 50,
        "normaliser": "lower",
        "paths": ["context.device.advertisingId"],
    },
    {
        "key": "cookie",
        "name": "Cookie",
        "priority": 11,
        "level": Level.DEVICE,
        "limit": 500,
        "paths": ["context.cookie_id"],
    },
    {
        "key": "session_id",
        "name": "Session",
        "priority": 12,
        "level": Level.DEVICE,
        "limit": 1000,
        "paths": ["context.session_id"],
        "blocked_patterns": [*BLOCKED_PATTERNS, *CLOCK_PATTERNS],
    },
    {
        "key": "landline",
        "name": "Landline",
        "priority": 13,
        "level": Level.HOUSEHOLD,
        "normaliser": "landline",
        "paths": ["traits.landline", "traits.home_phone", "traits.homePhone"],
        "blocked_patterns": [*BLOCKED_PATTERNS, *PHONE_PATTERNS],
    },
    {
        "key": "address",
        "name": "Address",
        "priority": 14,
        "level": Level.HOUSEHOLD,
        "normaliser": "address",
        "paths": _ADDRESS_PATHS,
        "content": ContentUse.PROPOSE,
    },
]


def seed_rules() -> None:
    """Make the rules that do not exist yet. Idempotent; never changes what is there."""
    for row in _NAMESPACES:
        Namespace.objects.get_or_create(
            key=row["key"],
            defaults={
                "level": Level.PERSON,
                "blocked_values": BLOCKED_VALUES,
                "blocked_patterns": BLOCKED_PATTERNS,
                **row,
            },
        )
    LifecycleRule.objects.get_or_create(id=1, defaults={"customer_events": ["Order Completed"]})
