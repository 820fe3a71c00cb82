"""Streams of a connection, added over REST: what is left out is found out or proposed, as in the form."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DictField, IntegerField, JSONField, ListField

from compliance.access import actor_of
from compliance.enums import Operation
from compliance.secrets import SecretsUnreadable
from ingestion.api.connections import STREAM, stream_document
from ingestion.models import Connection
from ingestion.sources.contract import SourceError, StreamInfo
from ingestion.sources.listing import stream_overview
from ingestion.sources.looking import look_at
from ingestion.sources.proposal import propose
from ingestion.sources.streams import Choice, StreamInvalid, save_stream
from streaming.api.idempotency import KEY_PARAMETER, answered_before, once
from streaming.api.schemas import shape
from streaming.api.views import RestView

MOST_TEXT = 4000
MOST_NAMES = 500
MOST_NUMBER = 10**9
NEW_STREAM = shape(
    "NewConnectionStream",
    "What is to be read. All but the name may be left out: it is found out, or proposed.",
    name=CharField(help_text="a table, or a name of your own where the kind has fields for each stream"),
    settings=DictField(child=CharField(), required=False, help_text="the fields of the kind, such as path"),
    columns=ListField(child=CharField(), required=False),
    key=ListField(child=CharField(), required=False),
    mode=CharField(required=False, help_text="incremental or full"),
    cursor=CharField(required=False),
    look_back=IntegerField(required=False),
    starts_at=CharField(required=False),
    every_seconds=IntegerField(required=False, allow_null=True),
    crontab=CharField(required=False),
    mapping=JSONField(required=False),
)


class ConnectionStreamsView(RestView):
    """What is read of one connection."""

    operation = Operation.SOURCES_MANAGE

    @extend_schema(
        operation_id="connection_streams_add",
        request=NEW_STREAM,
        responses={201: STREAM},
        parameters=[KEY_PARAMETER],
    )
    def post(self, request: Request, connection_id: int) -> Response:
        """Look at the source, and have it read. Nothing is kept when it cannot be: 400 says why, field by field."""
        if (before := answered_before(request)) is not None:
            return before
        connection = Connection.objects.select_related("source").filter(pk=connection_id).first()
        if connection is None:
            raise Http404("there is no such connection")
        given = _checked(cast("dict[str, Any]", request.data))
        name, settings = given.pop("name").strip(), given.pop("settings", {})
        try:
            looked = look_at(connection=connection, name=name, typed=settings, by=actor_of(request))
            choice = replace(propose(looked.info), settings=looked.settings, **given)
            return self._keep(request, connection, looked.info, choice)
        except StreamInvalid as invalid:
            raise ValidationError({name: [words] for name, words in invalid.problems.items()}) from None
        except (SourceError, SecretsUnreadable) as error:
            raise ValidationError({"settings": [str(error)]}) from None

    @once
    def _keep(self, request: Request, connection: Connection, info: StreamInfo, choice: Choice) -> Response:
        by, now = actor_of(request), timezone.now()
        saved = save_stream(connection=connection, stream=None, info=info, choice=choice, by=by, now=now)
        return Response(stream_document(stream_overview(saved, now=now)), status=status.HTTP_201_CREATED)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT and value.replace("\n", " ").isprintable()


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MOST_NAMES and all(_is_text(each) for each in value)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_NUMBER


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_is_text, "a text"),
    "settings": (
        lambda value: isinstance(value, dict) and all(map(_is_text, (*value, *value.values()))), "an object of texts"
    ),
    "columns": (_are_texts, "a list of names"),
    "key": (_are_texts, "a list of names"),
    "mode": (_is_text, "a text"),
    "cursor": (_is_text, "a text"),
    "look_back": (_is_number, "a whole number"),
    "starts_at": (_is_text, "a text"),
    "every_seconds": (lambda value: value is None or _is_number(value), "a whole number or null"),
    "crontab": (_is_text, "a text"),
    "mapping": (lambda value: isinstance(value, dict), "an object"),
}  # fmt: skip


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """The body, of the fields that there are and their types. Raises ValidationError."""
    problems = {name: ["There is no such field."] for name in given if name not in _FIELDS}
    problems |= {
        name: [f"It must be {words}."]
        for name, (is_right, words) in _FIELDS.items()
        if name in given and not is_right(given[name])
    }
    if "name" not in given:
        problems["name"] = ["Say what is to be read."]
    if problems:
        raise ValidationError(problems)
    return dict(given)
