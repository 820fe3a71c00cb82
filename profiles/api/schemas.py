"""The shapes of the answers, for the OpenAPI document; `profiles.api.documents` fills them."""

from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    DictField,
    FloatField,
    IntegerField,
    ListField,
    UUIDField,
)

from profiles.domain.queries import Standing
from profiles.enums import CauseKind, EvidenceRule, EvidenceState, Level, Lifecycle
from streaming.api.schemas import shape

_NULL_WHEN_MASKED = "null when the token may not see it"


def form_field() -> ChoiceField:
    """In which form a value of an identifier is given."""
    return ChoiceField(
        ["clear", "hashed", "masked"],
        help_text="hashed: the value is a pseudonym, the same for the same value; masked: the value is null",
    )


def hashed_field() -> ListField:
    """Which of the values are pseudonyms."""
    return ListField(child=CharField(), help_text="paths of what is shown as a pseudonym")


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
    since=DateField(
        allow_null=True, help_text="the day on which it was given to this person, if another had it"
    ),
    level=ChoiceField([level.value for level in Level]),
    first_seen=DateTimeField(),
    masked=BooleanField(help_text="whether the token may not see the value"),
    form=form_field(),
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
    hashed=hashed_field(),
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
    hashed=hashed_field(),
)
HELD_IDENTIFIER = shape(
    "HeldIdentifier",
    "An identifier of a person, or one that only attaches them to others.",
    namespace=CharField(),
    value=CharField(allow_null=True, help_text=_NULL_WHEN_MASKED),
    since=DateField(
        allow_null=True, help_text="the day on which it was given to this person, if another had it"
    ),
    level=ChoiceField([level.value for level in Level]),
    first_seen=DateTimeField(),
    masked=BooleanField(),
    form=form_field(),
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
    form=form_field(),
)
LINK = shape(
    "Link",
    "One piece of evidence: two identifiers that stood together.",
    id=IntegerField(help_text="withdraw it under this number"),
    identifiers=END(many=True),
    rule=ChoiceField([rule.value for rule in EvidenceRule]),
    state=ChoiceField([state.value for state in EvidenceState]),
    source=CharField(),
    message_id=CharField(help_text="of the earliest event that showed it"),
    at=DateTimeField(help_text="the time of that event"),
    reason=CharField(),
    refusal=CharField(allow_blank=True, help_text="why a refused link does not count"),
)
CHANGE = shape(
    "IdentityChange",
    "Two people turned out to be one, or one was taken apart.",
    kind=ChoiceField(["merge", "split"]),
    source=UUIDField(help_text="of a merge who became part of the target, of a split who was taken apart"),
    target=UUIDField(allow_null=True, help_text="null: what was split off belongs to nobody"),
    at=DateTimeField(),
    cause=ChoiceField(
        [kind.value for kind in CauseKind],
        help_text="what brought it about; decision: a member of staff or a program",
    ),
    decided_by=CharField(allow_blank=True),
    undone=BooleanField(help_text="whether it was taken back since, in whatever way"),
    sentence=CharField(help_text="what happened and why"),
    links=LINK(many=True),
    why=CharField(required=False, allow_blank=True, help_text="of a split: what was given as a reason"),
    anchors=IntegerField(required=False, help_text="of a split: how many pairs of device and login went"),
)
EXPLANATION = shape(
    "Explanation",
    "What holds a person together, and what was refused.",
    id=UUIDField(),
    holding=LINK(many=True),
    refused=LINK(many=True, help_text="would join other people, and a rule forbids it"),
    proposed=LINK(many=True, help_text="only mentioned in texts"),
    apart=LINK(many=True, help_text="what staff said of other people"),
    attached=LINK(many=True, help_text="lead to values that join nobody"),
    withdrawn=LINK(many=True, help_text="are void"),
    more=BooleanField(help_text="whether there are more links than these"),
)
