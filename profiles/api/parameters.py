"""What stands in the addresses, read and described."""

from datetime import datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from profiles.domain.queries import TimelineFilter
from streaming.api.times import time_in
from streaming.api.views import whole_number

PAGING = frozenset({"cursor", "page_size"})
FILTERS = frozenset({"event", "source", "from", "to"})
MAX_ID = 2**31 - 1
MAX_EVENT = 200

IDENTIFIER_PARAMETER = OpenApiParameter(
    "identifier",
    description="namespace:value of a pseudonymous namespace, as in user_id:42. Contact data must not stand in "
    "an address: send it to profiles/lookup/.",
)
PAGING_PARAMETERS = [
    OpenApiParameter("cursor", description="from the `next` or `previous` of a page"),
    OpenApiParameter(
        "page_size", {"type": "integer", "minimum": 1, "maximum": 500}, description="50 by default"
    ),
]
FILTER_PARAMETERS = [
    OpenApiParameter("event", description="the name of a track, or a type such as page"),
    OpenApiParameter(
        "source", {"type": "integer", "minimum": 1, "maximum": MAX_ID}, description="id of a source"
    ),
    OpenApiParameter("from", OpenApiTypes.DATETIME, description="events at or after this time"),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="events before this time"),
]


def timeline_filter(request: Request) -> TimelineFilter:
    """The filters of the address. Raises ValidationError."""
    event = request.query_params.get("event", "")
    if len(event) > MAX_EVENT or "\0" in event:
        raise ValidationError(
            {"event": [f"It must be the name of an event, at most {MAX_EVENT} characters."]}
        )
    return TimelineFilter(
        event=event,
        source_id=whole_number(request, "source", most=MAX_ID),
        since=_time(request, "from"),
        until=_time(request, "to"),
    )


def _time(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    time = time_in(text)
    if time is None:
        raise ValidationError({name: ["It must be a time with its zone, as in 2026-05-03T10:00:00Z."]})
    return time
