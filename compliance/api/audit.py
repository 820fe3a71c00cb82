"""The audit trail for programs: searched as on its page, and kept in itself."""

from datetime import UTC, datetime
from typing import Any

from django.http import FileResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field, JSONField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DateTimeField, IntegerField, ListField

from compliance.access import actor_of
from compliance.admin.trail import file_answer, row_words
from compliance.api.approvals import APPROVAL, asked
from compliance.domain.approvals.kinds import MOST_WHY
from compliance.domain.approvals.needing import ApprovalNeeded
from compliance.domain.trail.exporting import FORMS, export_trail
from compliance.domain.trail.rows import TrailRow
from compliance.domain.trail.searching import LONGEST_PERSON, MAX_PAGE, YEARS, Search, search_trail
from compliance.enums import Category, Operation
from streaming.api.bodies import text_of
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size, whole_number
from streaming.row_ids import MOST_ID

_TEXTS = {"by": 150, "action": 80, "purpose": 40}

AUDIT_ROW = shape(
    "AuditRow",
    "One row of the audit trail, without the people concerned.",
    id=IntegerField(),
    at=DateTimeField(),
    actor_kind=CharField(),
    actor=CharField(),
    address=CharField(),
    action=CharField(),
    told=CharField(help_text="the row as a sentence"),
    target=CharField(),
    categories=ListField(child=CharField()),
    purpose=CharField(),
    detail=JSONField(),
)
_CRITERIA: dict[str, Field[Any, Any, Any, Any]] = {
    "by": CharField(required=False, max_length=150, help_text="a user name or the name of a token"),
    "action": CharField(required=False, max_length=80, help_text="how the action begins, as in person"),
    "category": ChoiceField(required=False, choices=[each.value for each in Category]),
    "purpose": CharField(required=False, max_length=40),
    "since": DateTimeField(required=False),
    "until": DateTimeField(required=False),
}
_PERSON = CharField(
    required=False, max_length=LONGEST_PERSON, help_text="an id that somebody has or had, or namespace:value"
)
SEARCH = shape(
    "AuditSearch",
    "What to look for.",
    **_CRITERIA,
    person=_PERSON,
    before=IntegerField(required=False, help_text="the `next` of the page before"),
    page_size=IntegerField(required=False),
)
FOUND = shape(
    "AuditFound",
    "A page of rows, newest first.",
    results=AUDIT_ROW(many=True),
    next=IntegerField(allow_null=True, help_text="send it as `before`; null at the end"),
)
EXPORT = shape(
    "AuditExport",
    "What to export.",
    **_CRITERIA,
    person=_PERSON,
    form=ChoiceField(choices=FORMS),
    why=CharField(
        required=False, max_length=MOST_WHY, help_text="asks a second person, where exports take one"
    ),
)
_PARAMETERS = [
    OpenApiParameter(
        "cursor", {"type": "integer", "minimum": 1, "maximum": MOST_ID}, description="from a `next`"
    ),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}),
    *(OpenApiParameter(name, {"type": "string", "maxLength": most}) for name, most in _TEXTS.items()),
    OpenApiParameter("category", enum=[each.value for each in Category]),
    OpenApiParameter("since", OpenApiTypes.DATETIME),
    OpenApiParameter("until", OpenApiTypes.DATETIME),
]


class AuditView(RestView):
    """The trail."""

    operation = Operation.AUDIT_VIEW
    query_parameters = frozenset({"cursor", "page_size", *_CRITERIA})

    @extend_schema(operation_id="audit_list", parameters=_PARAMETERS, responses=page_schema(AUDIT_ROW))
    def get(self, request: Request) -> Response:
        """List rows, the newest first. Whoever is looked for as a person is posted to `audit/search/` instead."""
        given = {name: request.query_params[name] for name in _CRITERIA if name in request.query_params}
        before = whole_number(request, "cursor", most=MOST_ID)
        found = search_trail(actor_of(request), _search(given), before=before, limit=page_size(request))
        after = None if found.next is None else str(found.next)
        return Response(page_document(request, list(map(_document, found.rows)), after=after, before=None))


class AuditSearchView(RestView):
    """A search of the trail, by person too: who they are never stands in an address."""

    operation = Operation.AUDIT_VIEW
    costs = "search"

    @extend_schema(operation_id="audit_search", request=SEARCH, responses=FOUND)
    def post(self, request: Request) -> Response:
        """List rows, the newest first: of a person, under every id that they ever had."""
        given = dict(request.data)
        before, size = _number(given, "before", MOST_ID), _number(given, "page_size", MAX_PAGE) or 50
        found = search_trail(actor_of(request), _search(given), before=before, limit=size)
        return Response({"results": list(map(_document, found.rows)), "next": found.next})


class AuditExportView(RestView):
    """The trail as a file."""

    operation = Operation.AUDIT_VIEW
    costs = "export"

    @extend_schema(
        operation_id="audit_export",
        request=EXPORT,
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
            (200, "application/jsonl"): OpenApiResponse(OpenApiTypes.BINARY),
            202: APPROVAL,
        },
    )
    def post(self, request: Request) -> FileResponse | Response:
        """Export up to 100,000 rows as CSV or JSON Lines; X-Content-SHA256 has the hash, which the trail keeps too.

        Where exports take a second person, `why` asks for one: the answer is 202 with the address of the request. Once
        it is approved the same export is answered, once.
        """
        given = dict(request.data)
        why = text_of(given, "why", most=MOST_WHY)
        form, _ = given.pop("form", ""), given.pop("why", "")
        if form not in FORMS:
            raise ValidationError({"form": [f"It must be one of {', '.join(FORMS)}."]})
        actor, now = actor_of(request), timezone.now()
        try:
            return file_answer(export_trail(actor, _search(given), form=form, told=row_words, now=now), form)
        except ApprovalNeeded as needed:
            return asked(request, needed, why=why, by=actor, now=now)


def _number(given: dict[str, Any], name: str, most: int) -> int | None:
    number: Any = given.pop(name, None)
    if number is not None and (type(number) is not int or not 1 <= number <= most):
        raise ValidationError({name: [f"It must be a whole number from 1 to {most}."]})
    return number


def _search(given: dict[str, Any]) -> Search:
    """The search of these fields. Raises ValidationError."""
    if unknown := set(given) - {*_CRITERIA, "person"}:
        raise ValidationError({"body": [f"{len(unknown)} fields are not known here."]})
    texts = {
        name: text_of(given, name, most=most) for name, most in {**_TEXTS, "person": LONGEST_PERSON}.items()
    }
    category = text_of(given, "category", most=20)
    if category and category not in set(Category):
        raise ValidationError({"category": [f"It must be one of {', '.join(Category)}."]})
    return Search(category=category, since=_time(given, "since"), until=_time(given, "until"), **texts)


def _time(given: dict[str, Any], name: str) -> datetime | None:
    text = text_of(given, name, most=40)
    try:
        moment = parse_datetime(text) if text else None
        if moment is not None:
            moment = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
            moment = moment.astimezone(UTC)  # PostgreSQL does not know every offset that Python does
    except (ValueError, OverflowError):
        moment = None
    if text and (moment is None or moment.year not in YEARS):
        raise ValidationError({name: ["It must be a time such as 2026-11-30T09:00:00Z."]})
    return moment


def _document(row: TrailRow) -> dict[str, Any]:
    return {
        "id": row.id, "at": row.at, "actor_kind": row.actor_kind, "actor": row.actor, "address": row.address,
        "action": row.action, "told": row_words(row), "target": row.target, "categories": row.categories,
        "purpose": row.purpose, "detail": row.detail,
    }  # fmt: skip
