"""A person of whom each category of data has a value that stands nowhere else, and what else the product keeps of them.

Everything is sent as sources and staff send it. A value of a category is looked for in all that the product answers.
"""

import uuid
from typing import Any

from compliance.enums import Category
from tests.e2e.product import Product

MARKS: dict[Category, tuple[str, ...]] = {
    Category.IDENTITY: ("zqidentity",),
    Category.CONTACT: ("zqcontact", "5550177", "203.0.113.77"),
    Category.BEHAVIOUR: ("zqbehaviour",),
    Category.TRANSACTIONS: ("zqtransactions",),
    Category.LOCATION: ("zqlocation",),
    Category.SPECIAL: ("zqspecial",),
    Category.UNCLASSIFIED: ("zqunclassified",),
}
EMAIL, PHONE = "zqcontact@example.com", "+49 30 5550177"
USER, OTHER, ROW = "zqidentity-1", "zqidentity-2", "zqidentity-3"
TWINS = ("twin-a", "twin-b")
OF_ALL = {
    "nickname": "zqidentity", "email": EMAIL, "phone": PHONE, "interests": ["zqbehaviour"], "plan": "zqtransactions",
    "city": "zqlocation", "diagnosis": "zqspecial", "wibble": "zqunclassified",
    "address": {"street": "zqcontact street 1", "city": "zqlocation"},
    "wobble": {"deeper": ["zqunclassified", {"faith": "zqspecial"}]},
}  # fmt: skip
"""A value of each category, at the top and within others."""
_CONTEXT = {
    "ip": "203.0.113.77", "page": {"path": "/zqbehaviour", "title": "zqbehaviour"}, "library": {"name": "test", "version": "1"},
    "location": {"city": "zqlocation"}, "zzz": "zqunclassified", "traits": OF_ALL,
}  # fmt: skip
PLAN = {
    "events": {"track:Order Held": {"properties": {"total": {"type": "number"}}}},
    "policy": {"wrong": "quarantine"},
}
FILE = (
    "nickname,email,interests,plan,city,diagnosis,wibble,date\n"
    f"{ROW},zqcontact-row@example.com,zqbehaviour,zqtransactions,zqlocation,zqspecial,zqunclassified,2026-01-02\n"
    f"{ROW},{EMAIL},zqbehaviour,zqtransactions,zqlocation,zqspecial,zqunclassified,no date at all\n"
)


def _item(kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "messageId": fields.pop("message_id", None) or uuid.uuid4().hex,
        "context": _CONTEXT,
        **fields,
    }


def plant(product: Product) -> None:
    """Send what a source sends of them, two people who share a value, and items that are not taken."""
    device = "zqidentity-device"
    product.send(
        _item("page", anonymousId=device, name="zqbehaviour", properties={"path": "/zqbehaviour", **OF_ALL}),
        _item("identify", anonymousId=device, userId=USER, traits={"name": "Zqidentity Person", **OF_ALL}),
        _item("track", userId=USER, event="Order Completed", message_id="known-message", properties={
            "total": 12.5, **OF_ALL, "items": [{"sku": "zqtransactions", "wobble": "zqunclassified"}]}),
        _item("group", userId=USER, groupId="zqidentity-club", traits=OF_ALL),
        _item("identify", userId=OTHER, traits={"name": "Zqidentity Other", "email": EMAIL}),
        _item("identify", anonymousId=device, userId=OTHER, traits={}),
        _item("alias", userId=OTHER, previousId="zqidentity-before"),
        _item("track", userId=USER, properties=OF_ALL, message_id="refused-message"),
        _item("track", userId=USER, event="Order Held", message_id="held-message", properties={**OF_ALL, "total": "much"}),
    )  # fmt: skip
    for user, device, closed in zip(TWINS, ("twin-device-a", "twin-device-b"), _CLOSED_OF_TWINS, strict=True):
        for minute, item in enumerate((
            {"type": "page", "anonymousId": device, "name": "Home", "properties": closed},
            {"type": "identify", "anonymousId": device, "userId": user, "traits": closed},
        )):  # fmt: skip
            at = {
                "timestamp": f"2026-01-02T03:0{minute}:00Z",
                "messageId": f"{user}-{minute + 1}",
                "context": {},
            }
            product.send({**item, **at})


_CLOSED_OF_TWINS = (
    {"plan": "gold", "email": "a@example.com", "city": "Bonn", "diagnosis": "flu", "wibble": 1, "address": {"street": "x"}},
    {"plan": "gold", "email": "another.one@example.org", "city": "Rotterdam", "diagnosis": ["a", "b"], "wibble": {"deep": "er"},
     "address": "written in one line"},
)  # fmt: skip
"""Of each twin: all but the plan differs, in value, length and type."""
