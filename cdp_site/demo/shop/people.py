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
# Towns, each with a range of numbers that the regulator keeps for films and books, and the area of its postcodes.
TOWNS = [
    ("London", "+442079460", "SE"), ("Bristol", "+441174960", "BS"), ("Edinburgh", "+441314960", "EH"),
    ("Glasgow", "+441414960", "G"), ("Leeds", "+441134960", "LS"), ("Manchester", "+441614960", "M"),
    ("Cardiff", "+442920180", "CF"), ("Belfast", "+442896496", "BT"),
]  # fmt: skip
CLUBS = [
    ("saltmarsh-sailing", {"name": "Saltmarsh Sailing Club", "city": "Bristol", "discount": 10}),
    ("north-pier-rowers", {"name": "North Pier Rowers", "city": "Edinburgh", "discount": 5}),
    ("cold-water-society", {"name": "Cold Water Society", "city": "Leeds", "discount": 15}),
]
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
    postal_code: str
    house_number: int
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
            "address": {
                "city": self.town,
                "country": "GB",
                "postal_code": self.postal_code,
                "house_number": self.house_number,
            },
        }
        if self.phone:
            known["phone"] = self.phone
        if self.birthday:
            known["birthday"] = self.birthday.isoformat()
        return known


def make_people(rng: random.Random, count: int, *, prefix: str = "") -> list[Person]:
    """As many people, the same for the same generator; about one in twelve lives with the one before."""
    people: list[Person] = []
    for number in range(1, count + 1):
        person = _person(rng, f"{prefix}{number:04d}")
        if people and rng.random() < 0.08:
            _move_in(person, people[-1], rng)
        people.append(person)
    return people


def _person(rng: random.Random, number: str) -> Person:
    first_name, last_name = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    town, numbers, area = rng.choice(TOWNS)
    plain = f"{first_name}.{last_name}".lower().replace("'", "")
    agents = rng.sample(AGENTS, k=rng.choices([1, 2, 3], weights=[50, 38, 12])[0])
    return Person(
        user_id=f"ho-{number}",
        first_name=first_name,
        last_name=last_name,
        email=f"{plain}{rng.randint(2, 99)}@{rng.choice(MAIL_HOSTS)}",
        phone=f"{numbers}{rng.randint(0, 999):03d}" if rng.random() < 0.45 else None,
        town=town,
        postal_code=f"{area}{rng.randint(1, 9)} {rng.randint(1, 9)}{rng.choice('ABDEFG')}{rng.choice('HJLNPQ')}",
        house_number=rng.randint(1, 99),
        birthday=date(1950, 1, 1) + timedelta(days=rng.randrange(56 * 365)) if rng.random() < 0.4 else None,
        keenness=rng.paretovariate(1.6),
        devices=[Device(str(UUID(int=rng.getrandbits(128), version=4)), agent) for agent in agents],
    )


def _move_in(person: Person, with_whom: Person, rng: random.Random) -> None:
    """A family: one name, one address; two accounts, and often one e-mail address, telephone or tablet for both."""
    person.last_name, person.town = with_whom.last_name, with_whom.town
    person.postal_code, person.house_number = with_whom.postal_code, with_whom.house_number
    if rng.random() < 0.5:
        person.email, person.phone = with_whom.email, with_whom.phone
    if rng.random() < 0.6:
        shared = with_whom.devices[-1]
        person.devices.append(Device(shared.anonymous_id, shared.agent))
