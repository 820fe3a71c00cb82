"""How the visits of a person went."""

from typing import Any

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    FloatField,
    IntegerField,
    ListField,
    UUIDField,
)

from profiles.api.pages import records_view
from profiles.behaviour.annoyances import Annoyed
from profiles.domain.queries.behaviour import Annoyance, VisitBehaviour, behaviour
from streaming.api.schemas import shape

_WHOLE = (
    "events", "pages", "distinct_pages", "clicks", "distinct_elements", "hovers", "scrolls", "scroll_depth", "errors",
    "complaints", "rage_clicks", "dead_clicks", "repeated_errors", "duration_seconds", "active_seconds",
)  # fmt: skip
FEATURES = shape(
    "BehaviourFeatures",
    "What was done in a visit, in numbers.",
    **{name: IntegerField() for name in _WHOLE},
    clicks_per_minute=FloatField(allow_null=True, help_text="of active time"),
    seconds_per_page=FloatField(allow_null=True),
)
ANNOYANCE = shape(
    "Annoyance",
    "Something that annoyed in a visit.",
    kind=ChoiceField([each.value for each in Annoyed]),
    at=DateTimeField(),
    what=CharField(allow_null=True, help_text="the element, the error, or what the complaint is about"),
    page=CharField(allow_null=True),
    times=IntegerField(),
    seconds=FloatField(help_text="from the first to the last time"),
)
VISIT = shape(
    "Behaviour",
    "How a visit went.",
    id=UUIDField(),
    started_at=DateTimeField(),
    last_at=DateTimeField(),
    source=CharField(),
    source_id=IntegerField(),
    features=FEATURES(allow_null=True),
    annoyances=ANNOYANCE(many=True),
    is_cut=BooleanField(help_text="whether the visit was so long that only its beginning was looked at"),
    masked=ListField(child=CharField(), help_text="what the token may not see"),
)


def _document(visit: VisitBehaviour) -> dict[str, Any]:
    return {
        "id": visit.id,
        "started_at": visit.started_at,
        "last_at": visit.last_at,
        "source": visit.source,
        "source_id": visit.source_id,
        "features": visit.features,
        "annoyances": [_annoyance(each) for each in visit.annoyances],
        "is_cut": visit.is_cut,
        "masked": visit.masked,
    }


def _annoyance(annoyance: Annoyance) -> dict[str, Any]:
    return {
        "kind": annoyance.kind,
        "at": annoyance.at,
        "what": annoyance.what,
        "page": annoyance.page,
        "times": annoyance.times,
        "seconds": annoyance.seconds,
    }


BehaviourView = records_view(
    "behaviour",
    "List how the visits of a person went, the newest first, with what annoyed in them.",
    listing=behaviour,
    document=_document,
    item=VISIT,
)
