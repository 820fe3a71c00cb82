"""Context data: the last days that were delivered, and those of one postcode."""

from django.http import HttpRequest, HttpResponse

from compliance.access import actor_of
from ingestion.admin.addresses import typed
from ingestion.domain.context.reading import DATASETS, BadContext, place_of
from ingestion.domain.context.storing import Wanted, context_days, page_after
from streaming.screens import render_screen

SHOWN = 50
DATASET = "weather"


def listing(request: HttpRequest) -> HttpResponse:
    """The rows of the weather, the newest day first."""
    country, postcode = typed(request.GET, "country", limit=2), typed(request.GET, "postcode", limit=20)
    error, wanted = "", Wanted()
    try:
        if country or postcode:
            wanted = Wanted(*place_of(country, postcode))
        days = context_days(dataset=DATASET, wanted=wanted, by=actor_of(request))
        found = page_after(days, typed(request.GET, "after", limit=40), SHOWN)
    except BadContext as wrong:
        error, found = (
            str(wrong),
            page_after(context_days(dataset=DATASET, wanted=Wanted(), by=actor_of(request)), "", SHOWN),
        )
    context = {
        "title": "Context data", "dataset": DATASETS[DATASET], "rows": found.rows, "next": found.after,
        "first": not request.GET.get("after"), "country": country, "postcode": postcode, "error": error,
    }  # fmt: skip
    return render_screen(request, "ingestion/context.html", context)
