"""Combined records published anew, after a new incarnation: what readers hold of lost changes is overruled."""

from datetime import datetime

import psycopg
from django.db import connection, transaction

from profiles.behaviour.rebuilding import behaviour_behind
from profiles.combining.rebuilding import PartBehind
from profiles.models import CombinedRebuild
from profiles.sessions.rebuilding import visits_behind
from profiles.social.rebuilding import accounts_behind
from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC
from streaming.domain.incarnation import current_incarnation
from streaming.domain.publishing import publish

STEP = 1000


def republish_visits(now: datetime) -> int:
    """Take one bounded step; how many visits it published. Zero: all are."""
    return _step(SESSIONS_TOPIC, visits_behind, now)


def republish_accounts(now: datetime) -> int:
    """Take one bounded step; how many social accounts it published. Zero: all are."""
    return _step(SOCIAL_TOPIC, accounts_behind, now)


def republish_behaviour(now: datetime) -> int:
    """Take one bounded step; of how many visits it published the behaviour. Zero: all are."""
    return _step(BEHAVIOUR_TOPIC, behaviour_behind, now)


def _step(topic: str, part_behind: PartBehind, now: datetime) -> int:
    """Publish the rows behind those that were published in this incarnation, and note how far that goes.

    Rows have no incarnation of their own, as people have: it would be written with every event of a visit.
    """
    with transaction.atomic():
        done, _ = CombinedRebuild.objects.select_for_update().get_or_create(topic=topic)
        incarnation = current_incarnation()
        if done.incarnation == incarnation and done.after is None:
            return 0
        after = done.after if done.incarnation == incarnation else None
        session = connection.connection
        assert isinstance(session, psycopg.Connection)
        part = part_behind(session, after, STEP, now)
        done.incarnation, done.after = incarnation, part.last
        done.save()
        publish(part.records, writer="rebuild")
    return part.rows
