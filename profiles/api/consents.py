"""What a person grants and refuses, and the history of it."""

from dataclasses import asdict
from typing import Any

from rest_framework.serializers import BooleanField, CharField, DateTimeField, IntegerField

from profiles.api.pages import records_view
from profiles.domain.queries.consent_history import Said, consent_history
from profiles.domain.queries.consents import Consent, consents
from streaming.api.schemas import shape

_NULL_WHEN_MASKED = "null when the token may not see it"
CONSENT = shape(
    "ProfileConsent",
    "What a person says of a purpose.",
    purpose=CharField(),
    granted=BooleanField(allow_null=True, help_text=_NULL_WHEN_MASKED),
    stated_at=DateTimeField(allow_null=True, help_text=_NULL_WHEN_MASKED),
)


def _document(consent: Consent) -> dict[str, Any]:
    return {"purpose": consent.purpose, "granted": consent.granted, "stated_at": consent.stated_at}


ConsentsView = records_view(
    "consents",
    "List the purposes that a person grants or refuses. When two people turned out to be one, a refusal of either counts.",
    listing=consents,
    document=_document,
    item=CONSENT,
)

SAID = shape(
    "SaidOfPurpose",
    "One thing that was said of a purpose: by events of one day, through the API, or to a member of staff.",
    kind=CharField(help_text="consent, objection or restriction"),
    purpose=CharField(help_text="empty: an objection to all that can be objected to, or a restriction"),
    holds=BooleanField(help_text="false: refused, withdrawn or lifted"),
    since=DateTimeField(help_text="when it was said first that day"),
    at=DateTimeField(help_text="when it was said last that day"),
    received_at=DateTimeField(),
    origin=CharField(help_text="event, api or staff"),
    source=CharField(help_text="the source, the token, or the member of staff"),
    import_id=IntegerField(help_text="of the import it came in, else 0"),
    text_version=CharField(),
    reason=CharField(help_text="masked without the right to see unclassified data"),
    proof=CharField(help_text="masked as the reason is"),
)


def _said(said: Said) -> dict[str, Any]:
    return asdict(said)


ConsentHistoryView = records_view(
    "consent_history",
    "List all that was said of the purposes of a person, the newest first. Empty to who may not see behaviour.",
    listing=consent_history,
    document=_said,
    item=SAID,
)
