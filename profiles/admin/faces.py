"""How people are shown: what to call them, initials, a colour of their own, and words for where they stand."""

from dataclasses import dataclass
from uuid import UUID

from profiles.domain.queries import Person
from profiles.enums import Level, Lifecycle

_HUES = 8
_LIFECYCLES = {
    Lifecycle.VISITOR: ("Visitor", ""),
    Lifecycle.PROSPECT: ("Prospect", "info"),
    Lifecycle.CUSTOMER: ("Customer", "good"),
    Lifecycle.FORMER_CUSTOMER: ("Former customer", "warn"),
}


@dataclass(frozen=True, slots=True)
class Face:
    """A person as a list or a head shows them. `hue` is the number of a colour, the same on every screen.

    `is_named` is False where `name` only stands in for a name that nobody told, or that is hidden.
    """

    id: UUID
    name: str
    is_named: bool
    initials: str
    hue: int
    lifecycle: str
    tone: str
    certainty: str
    is_person: bool


def face_of(person: Person) -> Face:
    """What to show of this person."""
    is_person = person.level is Level.PERSON
    lifecycle, tone = _LIFECYCLES[person.lifecycle]
    return Face(
        id=person.id,
        name=person.name or _stand_in(person),
        is_named=bool(person.name),
        initials=initials_of(person.name),
        hue=person.id.int % _HUES + 1,
        lifecycle=lifecycle,
        tone=tone,
        certainty="Person" if is_person else "Anonymous device",
        is_person=is_person,
    )


def initials_of(name: str) -> str:
    """The first letters of the first and the last word; empty when there are none."""
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join([letters[0], letters[-1]] if len(letters) > 1 else letters).upper()


def _stand_in(person: Person) -> str:
    """What to call somebody without a name: by their strongest identifier, if that may be seen."""
    strongest = next((each for each in person.identifiers if each.value is not None), None)
    if strongest is None or strongest.level is not Level.PERSON:
        return f"Visitor {short_id(person.id)}"
    return f"{strongest.name} {strongest.written}"


def short_id(profile_id: UUID) -> str:
    """The last digits of an id: enough to tell two people of a page apart."""
    return profile_id.hex[-6:]


def words_of(key: str) -> str:
    """The key of a namespace or a trait as people read it: `customer_number` is Customer number."""
    text = " ".join(
        "".join(f" {letter}" if letter.isupper() else letter for letter in key).replace("_", " ").split()
    )
    known = {"email": "E-mail", "url": "URL", "ip": "IP address", "sku": "SKU"}
    return known.get(text.lower(), text[:1].upper() + text[1:].lower())
