"""The consumers and how they keep up."""

import math
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    FloatField,
    IntegerField,
    ListField,
)

from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document, page_size
from streaming.domain.flow.outlook import Outlook
from streaming.domain.flow.overview import Overview, overview
from streaming.enums import ConsumerCondition

MAX_NAME = 250


def _flow_fields() -> dict[str, Any]:
    return {
        "lag": IntegerField(help_text="records that it has not read"),
        "lag_seconds": FloatField(help_text="age of the oldest of them"),
        "arriving_per_second": FloatField(allow_null=True, help_text="records; null: not known yet"),
        "applied_per_second": FloatField(allow_null=True, help_text="records; null: not known yet"),
        "catches_up": BooleanField(allow_null=True, help_text="at this pace; null: not known yet"),
        "drain_seconds": FloatField(allow_null=True, help_text="until all is read at this pace; null: never, or unknown"),
        "seconds_to_loss": FloatField(allow_null=True, help_text="until retention overtakes it; null: not at this pace"),
        "retention_used": FloatField(help_text="share of what is kept that it has not read; at 1 records are lost"),
    }  # fmt: skip


CONSUMER_TOPIC = shape(
    "ConsumerTopic", "How a consumer keeps up with a topic.", name=CharField(), **_flow_fields()
)
CONSUMER = shape(
    "Consumer",
    "A consumer of the event log: how it runs, and how it keeps up.",
    name=CharField(),
    state=ChoiceField([condition.value for condition in ConsumerCondition]),
    detail=CharField(allow_blank=True),
    retired=BooleanField(help_text="it is stopped for good: it holds the collector back no longer"),
    workers=IntegerField(help_text="processes that run it"),
    reads=ListField(child=CharField(), help_text="names or patterns of topics"),
    publishes=ListField(child=CharField()),
    dead_letters=IntegerField(help_text="that nobody has decided on"),
    topics=CONSUMER_TOPIC(many=True),
    **_flow_fields(),
)


class ConsumersView(RestView):
    """The consumers."""

    operation = "pipeline.view"
    query_parameters = frozenset({"cursor", "page_size"})

    @extend_schema(
        operation_id="consumers_list",
        parameters=[
            OpenApiParameter("cursor", description="from the `next` of a page"),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 500}),
        ],
        responses=page_schema(CONSUMER),
    )
    def get(self, request: Request) -> Response:
        """List the consumers by name with lag, pace, drain estimate and time to loss, in all and by topic."""
        size, after = page_size(request), _cursor(request)
        found = [each for each in overview(timezone.now()) if each.state.name > after]
        page = found[:size]
        following = page[-1].state.name if len(found) > size else None
        return Response(page_document(request, list(map(_consumer, page)), after=following, before=None))


def _cursor(request: Request) -> str:
    name: str = request.query_params.get("cursor", "")
    if len(name) > MAX_NAME or "\0" in name:
        raise ValidationError({"cursor": ["Take it from the `next` of a page."]})
    return name


def _consumer(each: Overview) -> dict[str, Any]:
    state, flow = each
    return {
        "name": state.name,
        "state": state.state.value,
        "detail": state.detail,
        "retired": flow.is_retired,
        "workers": len([worker for worker in state.workers if worker.stopped_at is None]),
        "reads": list(state.topics),
        "publishes": list(state.publishes),
        "dead_letters": state.dead_letters,
        **_flow(flow.total),
        "topics": [{"name": topic, **_flow(part)} for topic, part in flow.topics.items()],
    }


def _flow(found: Outlook) -> dict[str, Any]:
    drain = found.drain_seconds
    return {
        "lag": found.lag,
        "lag_seconds": found.lag_seconds,
        "arriving_per_second": found.arriving,
        "applied_per_second": found.applied,
        "catches_up": None if drain is None else math.isfinite(drain),
        "drain_seconds": _finite(drain),
        "seconds_to_loss": _finite(found.loss_seconds),
        "retention_used": found.used,
    }


def _finite(seconds: float | None) -> float | None:
    return seconds if seconds is not None and math.isfinite(seconds) else None
