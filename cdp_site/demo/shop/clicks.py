"""What a browser tells of hands and patience: clicks, mouse-overs, scrolls, and what goes wrong under them."""

import random
from collections.abc import Iterator
from typing import Any

from cdp_site.demo.shop.calls import Step, done
from cdp_site.demo.shop.catalogue import Product
from cdp_site.demo.shop.people import Device, Person

_ELEMENTS = ["Size guide", "Add to basket", "Read reviews", "Photo 2", "Navy", "Delivery and returns"]
_ERRORS = ["card_declined", "postcode_unknown"]


def look_around(person: Person, device: Device, rng: random.Random, product: Product) -> Iterator[Step]:
    """How somebody reads the page of a product."""
    if rng.random() < 0.6:
        depth = rng.choice([30, 55, 75, 100])
        yield Step(rng.uniform(2, 6), _on(product.path, person, device, "Page Scrolled", depth=depth))
    if rng.random() < 0.5:
        element = rng.choice(_ELEMENTS)
        yield Step(rng.uniform(1, 3), _on(product.path, person, device, "Element Hovered", text=element))
        yield Step(rng.uniform(0.5, 2), _on(product.path, person, device, "Element Clicked", text=element))
        yield Step(rng.uniform(0.5, 2), _on(product.path, person, device, "Page Scrolled", depth=100))
    if rng.random() < 0.06:
        yield Step(2, _on(product.path, person, device, "Element Clicked", text="Size guide", dead=True))


def struggle_to_pay(person: Person, device: Device, rng: random.Random) -> Iterator[Step]:
    """Now and then paying fails, and whoever pays clicks on."""
    yield Step(3, _on("/checkout", person, device, "Page Scrolled", depth=80))
    trouble = rng.random()
    if trouble < 0.22:
        for _ in range(rng.choice([3, 4, 5])):
            yield Step(0.2, _on("/checkout", person, device, "Element Clicked", text="Pay"))
    if trouble < 0.12:
        code = rng.choice(_ERRORS)
        for _ in range(rng.choice([3, 4])):
            yield Step(rng.uniform(6, 20), _on("/checkout", person, device, "Error Shown", code=code))
        if rng.random() < 0.4:
            yield Step(30, _on("/help", person, device, "Complaint Submitted", topic="payment"))


def _on(path: str, person: Person, device: Device, event: str, **properties: Any) -> Any:
    return done(person, device, event, {"path": path, **properties}, path)
