"""Topics and dead letters."""

from collections.abc import Callable

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from streaming.api import documents
from streaming.api.documents import CHOSEN, DEAD_LETTER, DECIDED, MAX_AT_ONCE, TOPIC
from streaming.api.idempotency import KEY_PARAMETER, once_by_parts
from streaming.api.schemas import page_schema
from streaming.api.views import RestView, page_document, page_size, whole_number
from streaming.domain import dead_letters
from streaming.domain.queries.topics import topics
from streaming.domain.returning import Unsendable
from streaming.domain.running import UnknownConsumer
from streaming.enums import DeadLetterState
from streaming.row_ids import MOST_ID, is_row_id

MAX_NAME = 250
_STATES = [state.value for state in DeadLetterState]


class TopicsView(RestView):
    """The topics."""

    operation = "pipeline.view"

    @extend_schema(operation_id="topics_list", responses=page_schema(TOPIC))
    def get(self, request: Request) -> Response:
        """List all topics of the event log with what they hold, on one page."""
        results = [documents.topic(each) for each in topics(timezone.now())]
        return Response(page_document(request, results, after=None, before=None))


class DeadLettersView(RestView):
    """The dead letters."""

    operation = "pipeline.view"
    query_parameters = frozenset({"consumer", "state", "cursor", "page_size"})

    @extend_schema(
        operation_id="dead_letters_list",
        parameters=[
            OpenApiParameter("consumer", description="of this consumer only"),
            OpenApiParameter("state", enum=_STATES, description="open by default"),
            OpenApiParameter("cursor", description="from the `next` of a page"),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 500}),
        ],
        responses=page_schema(DEAD_LETTER),
    )
    def get(self, request: Request) -> Response:
        """List messages that consumers could not process, the newest first."""
        size = page_size(request)
        rows = dead_letters.page(
            actor=request,
            consumer=_name(request, "consumer"),
            state=_state(request),
            before=whole_number(request, "cursor", most=MOST_ID),
            size=size + 1,
        )
        after = str(rows[size - 1].id) if len(rows) > size else None
        results = [documents.dead_letter(each) for each in rows[:size]]
        return Response(page_document(request, results, after=after, before=None))


class ResubmitView(RestView):
    """Sending dead letters back."""

    operation = "pipeline.operate"

    @extend_schema(
        operation_id="dead_letters_resubmit", request=CHOSEN, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once_by_parts
    def post(self, request: Request) -> Response:
        """Send open dead letters back to the consumers that refused them; others are left as they are."""
        return _decide(request, dead_letters.resubmit)


class DiscardView(RestView):
    """Putting dead letters aside."""

    operation = "pipeline.operate"

    @extend_schema(
        operation_id="dead_letters_discard", request=CHOSEN, responses=DECIDED, parameters=[KEY_PARAMETER]
    )
    @once_by_parts
    def post(self, request: Request) -> Response:
        """Put open dead letters aside for good; others are left as they are."""
        return _decide(request, dead_letters.discard)


def _decide(request: Request, decision: Callable[..., int]) -> Response:
    by_name = request.user.get_username()
    try:
        decided = decision(_ids(request), actor=request, by_name=by_name, now=timezone.now())
    except (Unsendable, UnknownConsumer) as error:
        raise ValidationError({"ids": [str(error)]}) from error
    return Response({"decided": decided})


def _ids(request: Request) -> list[int]:
    match request.data:
        case {"ids": [*ids], **others} if (
            not others and 1 <= len(ids) <= MAX_AT_ONCE and all(map(is_row_id, ids))
        ):
            return ids
    raise ValidationError({"ids": [f"Send 1 to {MAX_AT_ONCE} ids, and nothing else."]})


def _name(request: Request, parameter: str) -> str | None:
    name: str | None = request.query_params.get(parameter)
    if name is not None and (len(name) > MAX_NAME or "\0" in name):
        raise ValidationError({parameter: [f"It must be a name, at most {MAX_NAME} characters."]})
    return name


def _state(request: Request) -> str:
    state: str = request.query_params.get("state", DeadLetterState.OPEN.value)
    if state not in _STATES:
        raise ValidationError({"state": [f"It must be one of {', '.join(_STATES)}."]})
    return state
