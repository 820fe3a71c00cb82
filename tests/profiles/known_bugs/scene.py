"""What the tests ask about the people that came out."""

from uuid import UUID

from profiles.models import Anchor, Profile
from tests.profiles.builder.picture import people


def groups() -> set[frozenset[str]]:
    """The values of each person's identifiers."""
    return {frozenset(value for _, value in each) for each in people().values()}


def who(value: str, namespace: str = "user_id") -> Profile:
    """The person who has this identifier."""
    return Profile.objects.get(identifiers__value=value, identifiers__namespace__key=namespace)


def holder(profile_id: UUID) -> UUID:
    """The live id of whoever has an id now."""
    anchor = Anchor.objects.select_related("profile").get(birth_id=profile_id)
    assert anchor.profile is not None
    return anchor.profile.public_id
