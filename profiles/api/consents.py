"""What a person grants and refuses."""

from typing import Any

from rest_framework.serializers import BooleanField, CharField, DateTimeField

from profiles.api.pages import records_view
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
