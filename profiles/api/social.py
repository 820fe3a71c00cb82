"""What a person does on social networks."""

from typing import Any

from rest_framework.serializers import (
    CharField,
    DateTimeField,
    FloatField,
    IntegerField,
    ListField,
)

from profiles.api.pages import records_view
from profiles.domain.queries.social import Presence, social
from profiles.social.combining import COUNTED, sentiment_of
from streaming.api.schemas import shape

SENTIMENT = shape(
    "Sentiment",
    "How what a person said was rated, by the source.",
    mean=FloatField(help_text="from -1 to 1"),
    positive=IntegerField(),
    neutral=IntegerField(),
    negative=IntegerField(),
)
PRESENCE = shape(
    "SocialRecord",
    "A person on one social network; what was taken back does not count.",
    network=CharField(help_text="x, mastodon, instagram, …"),
    handle=CharField(allow_null=True),
    followers=IntegerField(allow_null=True, help_text="as said last"),
    **{name: IntegerField(allow_null=True) for name in COUNTED.values()},
    reach=IntegerField(
        allow_null=True, help_text="the sum of what the source supplied for posts and mentions"
    ),
    sentiment=SENTIMENT(allow_null=True, help_text="null when nothing was rated"),
    first_at=DateTimeField(allow_null=True),
    last_at=DateTimeField(allow_null=True),
    masked=ListField(child=CharField(), help_text="what the token may not see; it is null above"),
)


def _document(presence: Presence) -> dict[str, Any]:
    totals = presence.totals
    return {
        "network": presence.network,
        "handle": presence.handle,
        "followers": presence.followers,
        **{name: totals and totals.counts[kind] for kind, name in COUNTED.items()},
        "reach": totals and totals.reach,
        "sentiment": totals and sentiment_of(totals),
        "first_at": presence.first_at,
        "last_at": presence.last_at,
        "masked": presence.masked,
    }


SocialView = records_view(
    "social",
    "List what a person does on social networks, a record for each network.",
    listing=social,
    document=_document,
    item=PRESENCE,
)
