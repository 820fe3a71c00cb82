"""What somebody does during one visit to the shop's site."""

import random
from collections.abc import Iterator
from typing import Any

from cdp_site.demo.shop.calls import Step, done, identified, joined, seen
from cdp_site.demo.shop.catalogue import CATEGORIES, CURRENCY, PRODUCTS, SEARCHES, Product, slug
from cdp_site.demo.shop.clicks import look_around, struggle_to_pay
from cdp_site.demo.shop.people import CLUBS, Device, Person

REFERRERS = ["", "", "https://search.example/", "https://social.example/", "https://news.example/style"]


def visit(person: Person, device: Device, rng: random.Random) -> Iterator[Step]:
    """One visit, step by step; it changes what the person is and where they are signed in as it goes."""
    yield Step(0, seen(person, device, "/", "Home", rng.choice(REFERRERS)))
    if person.registered and not device.signed_in and rng.random() < 0.45:
        yield from _sign_in(person, device, rng)
    basket: list[Product] = []
    for _ in range(rng.choices([0, 1, 2, 3], weights=[18, 42, 28, 12])[0]):
        yield from _browse(person, device, rng, basket)
    if not basket and not person.registered and rng.random() < 0.12:
        yield from _sign_up(person, device, rng)
    if basket and rng.random() < 0.3 + 0.06 * min(person.keenness, 5):
        yield from _check_out(person, device, rng, basket)


def _browse(person: Person, device: Device, rng: random.Random, basket: list[Product]) -> Iterator[Step]:
    category = rng.choice(CATEGORIES)
    if rng.random() < 0.25:
        query = rng.choice(SEARCHES)
        yield Step(_pause(rng, 12), done(person, device, "Products Searched", {"query": query}, "/search"))
    else:
        yield Step(_pause(rng, 10), seen(person, device, f"/{slug(category)}", category))
    shelf = [product for product in PRODUCTS if product.category == category]
    for product in rng.sample(shelf, k=rng.choices([1, 2], weights=[70, 30])[0]):
        yield Step(_pause(rng, 15), seen(person, device, product.path, product.name))
        yield Step(1, done(person, device, "Product Viewed", _article(product), product.path))
        yield from look_around(person, device, rng, product)
        if rng.random() < 0.28:
            basket.append(product)
            added = _article(product) | {"quantity": 1}
            yield Step(_pause(rng, 20), done(person, device, "Product Added", added, product.path))


def _sign_up(person: Person, device: Device, rng: random.Random) -> Iterator[Step]:
    person.registered = device.signed_in = True
    traits = person.traits() | {"newsletter": rng.random() < 0.5}
    yield Step(_pause(rng, 30), identified(person, device, traits))
    yield Step(1, done(person, device, "Signed Up", {"method": "email"}, "/account"))
    if rng.random() < 0.15:
        yield Step(_pause(rng, 30), joined(person, device, *rng.choice(CLUBS)))


def _sign_in(person: Person, device: Device, rng: random.Random) -> Iterator[Step]:
    device.signed_in = True
    yield Step(_pause(rng, 10), identified(person, device, {"email": person.email}))
    yield Step(1, done(person, device, "Signed In", {}, "/account"))


def _check_out(person: Person, device: Device, rng: random.Random, basket: list[Product]) -> Iterator[Step]:
    yield Step(_pause(rng, 20), seen(person, device, "/basket", "Basket"))
    total = round(sum(product.price for product in basket), 2)
    started = {"value": total, "currency": CURRENCY, "products": [_article(product) for product in basket]}
    yield Step(_pause(rng, 20), done(person, device, "Checkout Started", started, "/checkout"))
    if rng.random() < 0.2:
        return
    if not person.registered:
        yield from _sign_up(person, device, rng)
    elif not device.signed_in:
        yield from _sign_in(person, device, rng)
    yield from struggle_to_pay(person, device, rng)
    person.orders += 1
    order = {
        "order_id": f"{person.user_id.upper()}-{person.orders}", "total": total, "revenue": total,
        "shipping": 0 if total >= 75 else 4.95, "currency": CURRENCY,
        "products": [_article(product) | {"quantity": 1} for product in basket],
    }  # fmt: skip
    person.unsettled.append(order)
    yield Step(_pause(rng, 40), done(person, device, "Order Completed", order, "/checkout/thanks"))


def _article(product: Product) -> dict[str, Any]:
    return {
        "product_id": product.sku, "name": product.name, "category": product.category, "price": product.price,
    }  # fmt: skip


def _pause(rng: random.Random, typical: float) -> float:
    return round(min(rng.expovariate(1 / typical) + 2, 600), 1)
