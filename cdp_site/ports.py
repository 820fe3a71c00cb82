"""Apps side by side do not know each other: here what one declares is answered by the other."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import psycopg
from django.db.models import Value

from cdp_site.pipeline.notices import register_notices
from cdp_site.pipeline.troubles import pipeline_notices
from cdp_site.rehearsing import rehearse
from cdp_site.seeking import ids_of_person, person_named
from cdp_site.tracing import trace_in_profiles
from cdp_site.undoing import UndoingInProfiles
from compliance.access import Actor
from ingestion.domain.people import (
    EventIds,
    KnownPerson,
    register_people,
    register_people_search,
    register_usable,
)
from ingestion.domain.traces import register_tracer
from ingestion.imports.rehearsing import register_rehearsal
from ingestion.imports.undone import register_undoing
from ingestion.models import Connection, Source, Webhook
from profiles.domain.channels import EventChannel, register_source_channels
from profiles.domain.queries import ArrivedIds
from profiles.domain.queries import people_behind as people_of
from profiles.domain.queries import usable_behind as usable_of
from profiles.domain.rebuilding import republish_accounts, republish_behaviour, republish_visits
from profiles.domain.republishing import republish_people
from profiles.domain.source_names import register_source_names
from profiles.domain.visit_timeouts import register_visit_timeouts
from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.domain.incarnation import register_rebuilder

DEVICE_KINDS = frozenset({"mqtt"})  # of connections: what they send comes from devices


def connect_ports() -> None:
    """Connect them; called once when all apps are loaded."""
    register_people(people_behind)
    register_usable(usable_behind)
    register_people_search(person_named, ids_of_person)
    register_tracer("profiles", trace_in_profiles)
    register_rehearsal(rehearse)
    register_undoing(UndoingInProfiles())
    register_source_names(source_names)
    register_source_channels(source_channels)
    register_visit_timeouts(visit_timeouts)
    register_rebuilder(CHANGES_TOPIC, republish_people)
    register_rebuilder(SESSIONS_TOPIC, republish_visits)
    register_rebuilder(SOCIAL_TOPIC, republish_accounts)
    register_rebuilder(BEHAVIOUR_TOPIC, republish_behaviour)
    register_notices("pipeline", pipeline_notices)


def people_behind(actor: Actor, ids: Collection[EventIds]) -> Mapping[EventIds, KnownPerson]:
    """Who is behind arriving events, as profiles knows it."""
    asked = {ArrivedIds(each.user_id, each.anonymous_id, each.at): each for each in ids}
    return {asked[key]: KnownPerson(who.id, who.name) for key, who in people_of(actor, asked).items()}


def usable_behind(actor: Actor, ids: Collection[EventIds]) -> Collection[EventIds]:
    """Those of arriving events whose people the actor may use, as profiles knows it."""
    asked = {ArrivedIds(each.user_id, each.anonymous_id, each.at): each for each in ids}
    return {asked[key] for key in usable_of(actor, asked)}


def source_names(ids: Collection[int]) -> Mapping[int, str]:
    """The names of sources, as ingestion knows them."""
    return dict(Source.objects.filter(pk__in=ids).values_list("pk", "name"))


def source_channels(ids: Collection[int]) -> Mapping[int, str]:
    """The channel of sources that are filled by webhooks or connections, as ingestion knows them."""
    hooked = Webhook.objects.filter(source__in=ids).values_list("source", Value(""))
    connected = Connection.objects.filter(source__in=ids).values_list("source", "kind")
    return {source: _channel(kind) for source, kind in connected.union(hooked)}


def _channel(kind: str) -> EventChannel:
    """Of a kind of connection; a webhook has none."""
    if not kind:
        return EventChannel.WEBHOOK
    return EventChannel.DEVICE if kind in DEVICE_KINDS else EventChannel.IMPORT


def visit_timeouts(connection: psycopg.Connection[Any]) -> Mapping[int, timedelta]:
    """When visits of sources end, as ingestion knows it."""
    rows = connection.execute("SELECT id, visit_timeout FROM ingestion_source").fetchall()
    return {source: timedelta(minutes=minutes) for source, minutes in rows}
