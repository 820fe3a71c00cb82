"""What the clock changes: who was a customer and has not bought for long is a former one."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from profiles.enums import Lifecycle
from profiles.models import LifecycleRule
from streaming.contracts.profiles import (
    MOST_ANCHORS,
    WIRE_VERSION,
    AnchorMapping,
    ProfileChange,
    Version,
    change_record,
    time_text,
)
from streaming.domain.publishing import publish

STEP = 1000

# Locked by id as all who lock people do; who is busy with one of them decides its lifecycle anew.
_RENEW = """
WITH due AS (
    SELECT id FROM profiles_profile WHERE lifecycle = %(customer)s AND last_purchase < %(since)s
    ORDER BY last_purchase LIMIT %(step)s
), locked AS (
    SELECT p.id FROM profiles_profile p WHERE p.id IN (SELECT id FROM due) ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE profiles_profile p
SET lifecycle = %(former)s, version = p.version + 1, incarnation = (SELECT incarnation FROM installation)
FROM locked WHERE p.id = locked.id AND p.lifecycle = %(customer)s AND p.last_purchase < %(since)s
RETURNING p.public_id::text, p.traits::text::json, p.first_seen, p.last_purchase, p.incarnation, p.version, (
    SELECT json_agg(json_build_array(a.birth_id, a.mapping_version, p.public_id) ORDER BY a.id)
    FROM (SELECT * FROM profiles_anchor WHERE profile_id = p.id LIMIT %(most)s + 1) a
    HAVING count(*) <= %(most)s
)
"""


def renew_lifecycles(*, now: datetime) -> int:
    """Take one bounded step, and publish it; returns how many people changed. Zero: nobody is due."""
    rule = LifecycleRule.objects.get()
    parameters: dict[str, str | datetime | int] = {
        "customer": Lifecycle.CUSTOMER.value,
        "former": Lifecycle.FORMER_CUSTOMER.value,
        "since": now - timedelta(days=rule.former_after_days),
        "step": STEP,
        "most": MOST_ANCHORS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RENEW, parameters)
        rows = cursor.fetchall()
        publish([change_record(_change(row, now)) for row in rows], writer="lifecycle")
    return len(rows)


def _change(row: tuple[Any, ...], now: datetime) -> ProfileChange:
    public_id, traits, first_seen, last_purchase, incarnation, version, anchors = row
    return {
        "v": WIRE_VERSION,
        "type": "profile.lifecycle_changed.v1",
        "profile": public_id,
        "version": Version(incarnation, version),
        "at": time_text(now),
        "anchors": [AnchorMapping(*each) for each in anchors or ()],
        "value": {
            "traits": traits,
            "lifecycle": Lifecycle.FORMER_CUSTOMER.value,
            "first_seen": time_text(first_seen),
            "last_purchase": time_text(last_purchase),
        },
    }
