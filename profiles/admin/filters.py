"""What the timeline is filtered by. Event, source and channel may stand in an address; a text never does."""

from django.http import HttpRequest, QueryDict

from profiles.domain.channels import EventChannel
from profiles.domain.queries import TimelineFilter

MAX_NAME = 200
CHANNELS = (
    (EventChannel.WEB, "Web"),
    (EventChannel.MOBILE, "Mobile app"),
    (EventChannel.SERVER, "Server"),
    (EventChannel.WEBHOOK, "Webhook"),
    (EventChannel.DEVICE, "Device"),
    (EventChannel.IMPORT, "Import"),
)


def filters_of(request: HttpRequest) -> tuple[TimelineFilter, str]:
    """The filter and the text that is searched for, which is only taken from what is posted."""
    given = request.POST if request.method == "POST" else request.GET
    source = given.get("source", "")
    channel = given.get("channel", "")
    filters = TimelineFilter(
        channel=channel if channel in set(EventChannel) else "",
        event=given.get("event", "")[:MAX_NAME],
        source_id=int(source) if source.isdecimal() and len(source) < 10 else None,  # noqa: PLR2004 -- fits an integer column
    )
    return filters, request.POST.get("text", "")


def address_of(path: str, filters: TimelineFilter) -> str:
    """The address of a page with this filter."""
    query = QueryDict(mutable=True)
    if filters.event:
        query["event"] = filters.event
    if filters.source_id is not None:
        query["source"] = str(filters.source_id)
    if filters.channel:
        query["channel"] = filters.channel
    return f"{path}?{query.urlencode()}" if query else path
