"""Connections, what is read of them, and their runs."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    IntegerField,
    ListField,
)

from compliance.access import actor_of
from compliance.enums import Operation
from ingestion.enums import RunCause
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.listing import (
    ConnectionOverview,
    StreamOverview,
    connection_overviews,
    recent_runs,
)
from ingestion.sources.runs import RunConflict, start_run
from ingestion.tasks import run_connection
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size, whole_number

RUN = shape(
    "ConnectionRun",
    "One reading of a stream.",
    id=IntegerField(),
    cause=CharField(help_text="schedule, person or backfill"),
    state=CharField(help_text="queued, running, done, failed or cancelled"),
    failure=CharField(allow_blank=True),
    notes=ListField(child=CharField()),
    read=IntegerField(help_text="rows"),
    accepted=IntegerField(help_text="events that are in the log"),
    rejected=IntegerField(help_text="rows that were not taken"),
    suppressed=IntegerField(),
    created_at=DateTimeField(),
    ended_at=DateTimeField(allow_null=True),
)
STREAM = shape(
    "ConnectionStream",
    "A table or the like that is read.",
    id=IntegerField(),
    name=CharField(),
    settings=DictField(child=CharField(), help_text="what its kind asks of each stream"),
    state=CharField(help_text="ready, running, waiting, failing, paused or stopped"),
    schedule=CharField(),
    next_run_at=DateTimeField(allow_null=True),
    last_run=RUN(allow_null=True),
)
CONNECTION = shape(
    "Connection",
    "A login to another system, without its secrets.",
    id=IntegerField(),
    name=CharField(),
    kind=CharField(),
    source=IntegerField(),
    works=BooleanField(help_text="whether the last attempt did"),
    trouble=CharField(allow_blank=True),
    streams=STREAM(many=True),
)
_MOST = 2**62


class ConnectionsView(RestView):
    """The connections."""

    operation = Operation.SOURCES_VIEW

    @extend_schema(operation_id="connections_list", responses=page_schema(CONNECTION))
    def get(self, request: Request) -> Response:
        """List all connections by name, on one page."""
        found = connection_overviews(now=timezone.now(), actor=actor_of(request))
        results = [_connection(each) for each in found]
        return Response(page_document(request, results, after=None, before=None))


class RunsView(RestView):
    """The runs of one stream."""

    operation = Operation.SOURCES_VIEW
    query_parameters = frozenset({"cursor", "page_size"})

    @extend_schema(
        operation_id="connection_runs_list",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("page_size", int)],
        responses=page_schema(RUN),
    )
    def get(self, request: Request, stream_id: int) -> Response:
        """List the runs, newest first."""
        size, before = page_size(request), whole_number(request, "cursor", most=_MOST)
        runs = recent_runs(stream=_stream(stream_id), before=before, limit=size + 1)
        after = str(runs[size - 1].pk) if len(runs) > size else None
        results = [_run(each) for each in runs[:size]]
        return Response(page_document(request, results, after=after, before=None))

    @extend_schema(
        operation_id="connection_runs_start",
        request=None,
        responses={201: RUN},
        parameters=[KEY_PARAMETER],
    )
    @once
    def post(self, request: Request, stream_id: int) -> Response:
        """Read what is new now; needs the scope sources.manage. While a run is under way this is refused with 400."""
        try:
            run = start_run(
                stream=_stream(stream_id), cause=RunCause.PERSON, by=actor_of(request), now=timezone.now()
            )
        except RunConflict as conflict:
            raise ValidationError({"stream": [str(conflict)]}) from None
        transaction.on_commit(lambda: run_connection.delay(run_id=run.pk))
        return Response(_run(run), status=status.HTTP_201_CREATED)


def _stream(stream_id: int) -> Stream:
    found = Stream.objects.select_related("connection").filter(pk=stream_id).first()
    if found is None:
        raise Http404("there is no such stream")
    return found


def _connection(overview: ConnectionOverview) -> dict[str, Any]:
    connection = overview.connection
    return {
        "id": connection.pk,
        "name": connection.name,
        "kind": connection.kind,
        "source": connection.source_id,
        "works": not connection.failures,
        "trouble": connection.trouble,
        "streams": [stream_document(each) for each in overview.streams],
    }


def stream_document(overview: StreamOverview) -> dict[str, Any]:
    """A stream as it is answered."""
    return {
        "id": overview.stream.pk,
        "name": overview.stream.name,
        "settings": overview.stream.settings,
        "state": overview.state,
        "schedule": overview.schedule,
        "next_run_at": overview.next_at,
        "last_run": None if overview.last is None else _run(overview.last),
    }


def _run(run: ConnectionRun) -> dict[str, Any]:
    names = (
        "cause",
        "state",
        "failure",
        "notes",
        "read",
        "accepted",
        "rejected",
        "suppressed",
        "created_at",
        "ended_at",
    )
    return {"id": run.pk, **{name: getattr(run, name) for name in names}}
