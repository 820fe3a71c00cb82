"""The shapes of the answers, for the OpenAPI document; `profiles.api.documents` fills them."""

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    DictField,
    FloatField,
    IntegerField,
    ListField,
    UUIDField,
)

from profiles.domain.queries import Standing
from profiles.enums import EvidenceRule, EvidenceState, Level, Lifecycle
from streaming.api.schemas import shape

_NULL_WHEN_MASKED = "null when the token may not see it"

LOOKUP = shape(
    "Lookup",
    "Which identifier to look up.",
    identifier=CharField(
        max_length=600, help_text="namespace:value, as in email:jane@example.com or user_id:42"
    ),
)
PROFILE_IDENTIFIER = shape(
    "ProfileIdentifier",
    "An identifier of a profile.",
    namespace=CharField(),
    value=CharField(allow_null=True, help_text=_NULL_WHEN_MASKED),
    level=ChoiceField([level.value for level in Level]),
    first_seen=DateTimeField(),
    masked=BooleanField(help_text="whether the token may not see the value"),
)
PROFILE = shape(
    "Profile",
    "The live profile of one person.",
    id=UUIDField(help_text="the live id; it differs from the one asked for after a merge"),
    name=CharField(allow_blank=True, help_text="what to call the person, empty when unknown"),
    traits=DictField(),
    identifiers=PROFILE_IDENTIFIER(many=True, help_text="the strongest hundred; identifiers/ has all"),
    identifier_count=IntegerField(),
    segments=ListField(child=CharField()),
    scores=DictField(child=FloatField()),
    lifecycle=ChoiceField([state.value for state in Lifecycle]),
    first_seen=DateTimeField(),
    last_seen=DateTimeField(allow_null=True, help_text="null while the person has no events"),
    masked=ListField(child=CharField(), help_text="keys of traits that the token may not see"),
)
EVENT = shape(
    "Event",
    "An event of a person's timeline.",
    message_id=CharField(),
    type=CharField(),
    event=CharField(allow_null=True, help_text="the name of a track"),
    timestamp=DateTimeField(),
    received_at=DateTimeField(),
    properties=DictField(),
    context=DictField(),
    traits=DictField(allow_null=True),
    source=CharField(),
    source_id=IntegerField(),
    masked=ListField(child=CharField(), help_text="paths of what the token may not see"),
)
HELD_IDENTIFIER = shape(
    "HeldIdentifier",
    "An identifier of a person, or one that only attaches them to others.",
    namespace=CharField(),
    value=CharField(allow_null=True, help_text=_NULL_WHEN_MASKED),
    level=ChoiceField([level.value for level in Level]),
    first_seen=DateTimeField(),
    masked=BooleanField(),
    standing=ChoiceField(
        [standing.value for standing in Standing],
        help_text="joins: it is theirs; shared, blocked and attaches: it joins nobody",
    ),
)
END = shape(
    "LinkEnd",
    "One end of a link.",
    namespace=CharField(),
    value=CharField(allow_null=True, help_text=_NULL_WHEN_MASKED),
)
LINK = shape(
    "Link",
    "One piece of evidence: two identifiers that stood together.",
    identifiers=END(many=True),
    rule=ChoiceField([rule.value for rule in EvidenceRule]),
    state=ChoiceField([state.value for state in EvidenceState]),
    source=CharField(),
    message_id=CharField(help_text="of the earliest event that showed it"),
    at=DateTimeField(help_text="the time of that event"),
    reason=CharField(),
    refusal=CharField(allow_blank=True, help_text="why a refused link does not count"),
)
MERGE = shape(
    "Merge",
    "Two people turned out to be one.",
    source=UUIDField(help_text="who became part of the target"),
    target=UUIDField(),
    at=DateTimeField(),
    undone=BooleanField(help_text="whether the two are different people again"),
    sentence=CharField(),
    links=LINK(many=True),
)
EXPLANATION = shape(
    "Explanation",
    "What holds a person together, and what was refused.",
    id=UUIDField(),
    holding=LINK(many=True),
    refused=LINK(many=True),
    attached=LINK(many=True),
    more=BooleanField(help_text="whether there are more links than these"),
)
