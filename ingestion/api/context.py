"""Context by postcode and day: delivered by programs, looked up by anybody who may see sources."""

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateField, DateTimeField, DictField, IntegerField

from compliance.access import actor_of
from compliance.enums import Operation
from compliance.wording import sentence
from ingestion.domain.context.reading import DATASETS, BadContext, day_of, place_of, rows_of
from ingestion.domain.context.storing import Wanted, context_days, page_after, store_context
from ingestion.models import ContextDay
from streaming.api.idempotency import KEY_PARAMETER, once
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size

DAY = shape(
    "ContextDay", "What holds for a postcode on a day.", country=CharField(), postcode=CharField(), day=DateField(),
    values=DictField(), updated_at=DateTimeField(),
)  # fmt: skip
ROW = shape(
    "ContextRow",
    "A row to keep.",
    country=CharField(),
    postcode=CharField(),
    day=DateField(),
    values=DictField(),
)
ROWS = shape(
    "ContextRows", "Rows to keep; later ones replace those of the same place and day.", rows=ROW(many=True)
)
STORED = shape("ContextStored", "What was kept.", rows=IntegerField())
_ALL = ("country", "postcode", "first", "last", "cursor")


class ContextView(RestView):
    """One data set by postcode and day."""

    operation = Operation.SOURCES_VIEW
    query_parameters = frozenset({*_ALL, "page_size"})

    @extend_schema(
        operation_id="context_list",
        parameters=[
            *(OpenApiParameter(name) for name in _ALL),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 500}),
        ],
        responses=page_schema(DAY),
    )
    def get(self, request: Request, dataset: str) -> Response:
        """List the rows, the newest day first; narrowed by country and postcode, and by first and last day."""
        _known(dataset)
        size = page_size(request)
        try:
            found = page_after(
                context_days(dataset=dataset, wanted=_wanted(request), by=actor_of(request)),
                request.query_params.get("cursor", ""),
                size,
            )
        except BadContext as error:
            raise ValidationError({"query": [sentence(error)]}) from None
        results = [_document(each) for each in found.rows]
        return Response(page_document(request, results, after=found.after, before=None))


class ContextDaysView(RestView):
    """Where the rows of a data set are delivered."""

    operation = Operation.SOURCES_MANAGE

    @extend_schema(operation_id="context_store", request=ROWS, responses=STORED, parameters=[KEY_PARAMETER])
    @once
    def post(self, request: Request, dataset: str) -> Response:
        """Keep rows, at most 5,000; sending them again changes nothing. Open-Meteo's answers are taken as they are."""
        _known(dataset)
        try:
            rows = rows_of(request.data)
        except BadContext as error:
            raise ValidationError({"rows": [sentence(error)]}) from None
        kept = store_context(dataset=dataset, rows=rows, by=actor_of(request), now=timezone.now())
        return Response({"rows": kept})


def _known(dataset: str) -> None:
    if dataset not in DATASETS:
        raise NotFound("There is no such data set.")


def _wanted(request: Request) -> Wanted:
    given = request.query_params
    country = postcode = None
    if "country" in given or "postcode" in given:
        country, postcode = place_of(given.get("country"), given.get("postcode"))
    return Wanted(country, postcode, _day(given.get("first")), _day(given.get("last")))


def _day(text: str | None) -> date | None:
    return None if text is None else day_of(text)


def _document(each: ContextDay) -> dict[str, Any]:
    return {
        "country": each.country, "postcode": each.postcode, "day": each.day, "values": each.values,
        "updated_at": each.updated_at,
    }  # fmt: skip
