"""Whose data a page or an operation is about, by its address: who may not see that source is answered as if it were not there."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Model

from compliance.actors import Actor
from compliance.sources import of_sources, sees_all_sources
from ingestion.models import (
    CatalogueUse,
    CatalogueVolume,
    Connection,
    ConnectionRun,
    FileImport,
    LiveEvent,
    PlanViolation,
    Quarantined,
    Rejection,
    Resend,
    Source,
    Stream,
    Webhook,
)


class NotTheirSource(LookupError):
    """It came from a source that the actor may not see, or it is not there."""


class _Named(NamedTuple):
    """What an address names: the rows that tell of which sources it is, and by which fields these are found."""

    model: type[Model]
    field: str = "source_id"
    key: str = "pk"


# By the first words of the address below the admin or the API, and the name of what stands in it.
_NAMED: Mapping[tuple[str, str], _Named] = {
    ("sources", "source_id"): _Named(Source, "pk"),
    ("plans", "source_id"): _Named(Source, "pk"),
    ("plans", "violation_id"): _Named(PlanViolation),
    ("webhooks", "webhook_id"): _Named(Webhook),
    ("connections", "connection_id"): _Named(Connection),
    ("connections", "stream_id"): _Named(Stream, "connection__source_id"),
    ("connections", "run_id"): _Named(ConnectionRun, "stream__connection__source_id"),
    ("imports", "import_id"): _Named(FileImport),
    ("live", "event_id"): _Named(LiveEvent),
    ("quarantine", "sample_id"): _Named(Quarantined),
    ("quarantine", "resend_id"): _Named(Resend),
    ("rejections", "rejection_id"): _Named(Rejection),
    ("catalogue", "event_id"): _Named(CatalogueVolume, key="event_id"),
    ("catalogue", "key_id"): _Named(CatalogueUse, key="key_id"),
}


def require_source(actor: Actor, route: str, arguments: Mapping[str, object]) -> None:
    """Raise NotTheirSource where the address names what came from a source that is closed to the actor.

    Whoever sees all sources is asked nothing, and costs no statement.
    """
    if sees_all_sources(actor):
        return
    section = route.removeprefix("admin/").removeprefix("api/v1/").partition("/")[0]
    for name, value in arguments.items():
        named = _NAMED.get((section, name))
        if named is not None:
            rows = named.model._default_manager.filter(**{named.key: value})  # noqa: SLF001 -- public by name
            if not of_sources(actor, rows, named.field).exists():
                raise NotTheirSource(f"there is no such {name.removesuffix('_id')}")
