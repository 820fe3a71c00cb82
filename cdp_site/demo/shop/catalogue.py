"""What the shop sells."""

import re
from dataclasses import dataclass

ADDRESS = "https://harbour-outfitters.example"
CURRENCY = "GBP"


@dataclass(frozen=True, slots=True)
class Product:
    """One article, with its price in pounds."""

    sku: str
    name: str
    category: str
    price: float

    @property
    def path(self) -> str:
        """Its page in the shop."""
        return f"/{slug(self.category)}/{slug(self.name)}"


def slug(text: str) -> str:
    """As in an address of the shop."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


_RANGE = {
    "Jackets": [
        ("Skerry waxed jacket", 189.0), ("Fastnet storm shell", 249.0), ("Pier quilted gilet", 79.0),
        ("Lugger fisherman's smock", 95.0), ("Spinnaker windbreaker", 69.0),
    ],
    "Knitwear": [
        ("Guernsey jumper", 110.0), ("Breton stripe top", 39.0), ("Trawler roll neck", 89.0),
        ("Harbour fleece", 59.0), ("Merino base layer", 64.0),
    ],
    "Footwear": [
        ("Mooring deck shoes", 98.0), ("Tideline wellingtons", 72.0), ("Quayside espadrilles", 34.0),
        ("Shingle walking boots", 145.0),
    ],
    "Bags": [
        ("Dry bag 20 l", 32.0), ("Sailcloth duffel", 120.0), ("Canvas tote", 24.0), ("Ferryman backpack", 85.0),
    ],
    "Boat and beach": [
        ("Enamel mug, set of two", 18.0), ("Storm lantern", 45.0), ("Recycled rope leash", 22.0),
        ("Wool picnic blanket", 68.0), ("Tide table and pencil", 12.5), ("Brass barometer", 135.0),
        ("Dry robe", 139.0),
    ],
    "Children": [
        ("Little skipper raincoat", 44.0), ("Crabbing kit", 16.0), ("Puddle trousers", 29.0),
    ],
}  # fmt: skip

PRODUCTS = [
    Product(f"HO-{number:03d}", name, category, price)
    for number, (category, name, price) in enumerate(
        ((category, name, price) for category, articles in _RANGE.items() for name, price in articles), 101
    )
]
CATEGORIES = list(_RANGE)
SEARCHES = [
    "raincoat", "jumper", "waterproof bag", "gift for dad", "deck shoes 43", "dry robe", "blanket", "wellies",
    "navy stripe", "barometer", "boots wide fit", "christmas", "crabbing", "lantern", "gift card",
]  # fmt: skip
