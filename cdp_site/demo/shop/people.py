"""The people who come to the shop, and the devices on which they come."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

FIRST_NAMES = [
    "Amelia", "Oliver", "Isla", "George", "Priya", "Mohammed", "Freya", "Arthur", "Grace", "Leo", "Zofia", "Tomasz",
    "Aoife", "Cian", "Chloe", "Ravi", "Ananya", "Harriet", "Callum", "Eilidh", "Rhys", "Megan", "Yusuf", "Fatima",
    "Ewan", "Morag", "Sofia", "Luca", "Ines", "Mateo", "Hannah", "Jonas", "Mei", "Daniel", "Adaeze", "Kwame", "Ruth",
    "Samuel", "Niamh", "Patrick", "Elif", "Deniz", "Alice", "Bernard", "Clara", "Dylan", "Esther", "Finlay", "Gwen",
    "Hugo", "Iris", "Jack", "Katya", "Lewis", "Maya", "Noah", "Orla", "Poppy", "Rosa", "Stefan", "Tess", "Victor",
]  # fmt: skip
LAST_NAMES = [
    "Ashworth", "Bennett", "Campbell", "Davies", "Evans", "Fraser", "Gallagher", "Hughes", "Ibrahim", "Jenkins",
    "Kowalska", "Llewellyn", "MacLeod", "Nwosu", "O'Brien", "Patel", "Quinn", "Rossi", "Sharma", "Thompson", "Usman",
    "Vaughan", "Walker", "Yilmaz", "Zielinski", "Alder", "Bianchi", "Chen", "Dubois", "Eriksen", "Fischer", "Green",
    "Hall", "Iqbal", "Johansson", "Kerr", "Lambert", "Moreau", "Novak", "Osei", "Penrose", "Reid", "Silva",
    "Trelawny", "Underwood", "Wright",
]  # fmt: skip
MAIL_HOSTS = ["example.com", "example.org", "example.net", "mail.example.com", "post.example.org"]
# Towns, each with a range of numbers that the regulator keeps for films and books.
TOWNS = [
    ("London", "+442079460"), ("Bristol", "+441174960"), ("Edinburgh", "+441314960"), ("Glasgow", "+441414960"),
    ("Leeds", "+441134960"), ("Manchester", "+441614960"), ("Cardiff", "+442920180"), ("Belfast", "+442896496"),
]  # fmt: skip
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
TABLET = "Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
AGENTS = [PHONE, LAPTOP, TABLET]


@dataclass(slots=True)
class Device:
    """A browser: its own anonymous id for ever, and whether its owner is signed in there."""

    anonymous_id: str
    agent: str
    signed_in: bool = False


@dataclass(slots=True)
class Person:
    """Somebody who visits; a customer once they have an account."""

    user_id: str
    first_name: str
    last_name: str
    email: str
    phone: str | None
    town: str
    birthday: date | None
    keenness: float
    devices: list[Device]
    registered: bool = False
    orders: int = 0
    unsettled: list[dict[str, object]] = field(default_factory=list)
    """Orders that the warehouse has not heard of yet."""

    def traits(self) -> dict[str, object]:
        """What the shop knows of them once they have an account."""
        known: dict[str, object] = {
            "name": f"{self.first_name} {self.last_name}",
            "first_name": self.first_name,
            "last_name": self.last_name,
            "email": self.email,
            "address": {"city": self.town, "country": "GB"},
        }
        if self.phone:
            known["phone"] = self.phone
        if self.birthday:
            known["birthday"] = self.birthday.isoformat()
        return known


def make_people(rng: random.Random, count: int, *, prefix: str = "") -> list[Person]:
    """As many people, the same for the same generator; about one in twelve shares an e-mail address at home."""
    people: list[Person] = []
    for number in range(1, count + 1):
        person = _person(rng, f"{prefix}{number:04d}")
        if people and rng.random() < 0.08:
            _move_in(person, people[-1])
        people.append(person)
    return people


def _person(rng: random.Random, number: str) -> Person:
    first_name, last_name = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    town, numbers = rng.choice(TOWNS)
    plain = f"{first_name}.{last_name}".lower().replace("'", "")
    agents = rng.sample(AGENTS, k=rng.choices([1, 2, 3], weights=[50, 38, 12])[0])
    return Person(
        user_id=f"ho-{number}",
        first_name=first_name,
        last_name=last_name,
        email=f"{plain}{rng.randint(2, 99)}@{rng.choice(MAIL_HOSTS)}",
        phone=f"{numbers}{rng.randint(0, 999):03d}" if rng.random() < 0.45 else None,
        town=town,
        birthday=date(1950, 1, 1) + timedelta(days=rng.randrange(56 * 365)) if rng.random() < 0.4 else None,
        keenness=rng.paretovariate(1.6),
        devices=[Device(str(UUID(int=rng.getrandbits(128), version=4)), agent) for agent in agents],
    )


def _move_in(person: Person, with_whom: Person) -> None:
    """A family: one name, one town, one e-mail address and one telephone; two accounts."""
    person.last_name, person.town = with_whom.last_name, with_whom.town
    person.email, person.phone = with_whom.email, with_whom.phone
