"""The purposes of the installation, with their legal basis and the texts that people are shown."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BooleanField, CharField, DateField, ListField

from compliance.domain.purposes import all_purposes
from compliance.enums import Operation
from compliance.models import Purpose
from streaming.api.schemas import page_schema, shape
from streaming.api.views import RestView, page_document

TEXT = shape(
    "PurposeText",
    "A text that people are shown when they are asked.",
    version=CharField(),
    text=CharField(),
    since=DateField(help_text="the day from which on it is shown"),
)
PURPOSE = shape(
    "Purpose",
    "A purpose for which data may be used.",
    key=CharField(),
    name=CharField(),
    description=CharField(),
    legal_basis=CharField(
        help_text="GDPR Art. 6(1): consent, contract, legal_obligation, vital_interests, public_task, legitimate_interests"
    ),
    needs_consent=BooleanField(),
    objection_is_absolute=BooleanField(help_text="who objects is heard whatever the basis is (Art. 21(2-3))"),
    names=ListField(child=CharField(), help_text="other names by which events may speak of it"),
    texts=TEXT(many=True, help_text="the newest first"),
)


class PurposesView(RestView):
    """Purposes."""

    operation = Operation.PEOPLE_VIEW

    @extend_schema(operation_id="purposes_list", responses=page_schema(PURPOSE))
    def get(self, request: Request) -> Response:
        """List all purposes: they are few, and stand on one page."""
        return Response(page_document(request, list(map(_document, all_purposes())), after=None, before=None))


def _document(purpose: Purpose) -> dict[str, Any]:
    return {
        "key": purpose.key,
        "name": purpose.name,
        "description": purpose.description,
        "legal_basis": purpose.basis.value,
        "needs_consent": purpose.needs_consent,
        "objection_is_absolute": purpose.objection_is_absolute,
        "names": purpose.aliases,
        "texts": [
            {"version": each.version, "text": each.text, "since": each.since} for each in purpose.texts.all()
        ],
    }
