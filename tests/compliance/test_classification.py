import pytest

from compliance.access import category_of_namespace, category_of_property, category_of_trait
from compliance.classification import Decided, use_decided
from compliance.enums import Category


@pytest.mark.parametrize(
    ("key", "category"),
    [
        ("email", "contact"),
        ("workEmail", "contact"),
        ("work_e-mail", "contact"),
        ("phone2", "contact"),
        ("address", "contact"),
        ("address.city", "contact"),
        ("ip", "contact"),
        ("firstName", "identity"),
        ("last_name", "identity"),
        ("name", "identity"),
        ("birthday", "identity"),
        ("customer_number", "identity"),
        ("city", "location"),
        ("postalCode", "location"),
        ("plan", "transactions"),
        ("orders_total", "transactions"),
        ("newsletter", "behaviour"),
        ("favouriteCategory", "behaviour"),
        ("health_status", "special"),
        ("religion", "special"),
        ("password", "special"),
        ("passport.number", "special"),
        ("wibble", "unclassified"),
        ("", "unclassified"),
        ("XYZ", "unclassified"),
        ("número", "unclassified"),
    ],
)
def test_the_name_of_a_trait_tells_its_category(key, category):
    assert category_of_trait(key) == Category(category)


@pytest.mark.parametrize(
    ("key", "category"),
    [
        ("name", "behaviour"),
        ("title", "behaviour"),
        ("url", "behaviour"),
        ("revenue", "transactions"),
        ("email", "contact"),
        ("first_name", "identity"),
        ("userId", "identity"),
        ("wibble", "unclassified"),
        ("", "unclassified"),
        ("1001", "unclassified"),
        ("*", "unclassified"),
        ("名前", "unclassified"),
    ],
)
def test_a_name_in_an_event_is_that_of_a_page_or_a_thing(key, category):
    assert category_of_property(key) == Category(category)


def test_namespaces():
    assert category_of_namespace("email") == Category.CONTACT
    assert category_of_namespace("work_email") == Category.CONTACT
    assert category_of_namespace("user_id") == Category.IDENTITY
    assert category_of_namespace("wibble") == Category.UNCLASSIFIED


def test_what_nobody_classified_is_sensitive():
    assert [category for category in Category if category.is_sensitive] == [
        Category.CONTACT,
        Category.SPECIAL,
        Category.UNCLASSIFIED,
    ]


def test_what_people_decided_comes_before_the_name():
    use_decided(
        Decided(traits={"plan": Category.SPECIAL, "wibble": Category.BEHAVIOUR}, properties={"name": Category.IDENTITY})
    )  # fmt: skip
    try:
        assert category_of_trait("plan") == Category.SPECIAL
        assert category_of_trait("wibble") == Category.BEHAVIOUR
        assert category_of_property("plan") == Category.TRANSACTIONS
        assert category_of_property("wibble") == Category.UNCLASSIFIED
        assert category_of_property("name") == Category.IDENTITY
        assert category_of_namespace("plan") == Category.TRANSACTIONS
    finally:
        use_decided(Decided())
    assert category_of_trait("plan") == Category.TRANSACTIONS


def test_a_decision_for_a_path_comes_before_one_for_the_name():
    try:
        use_decided(Decided(properties={"sku": Category.BEHAVIOUR, "items[].sku": Category.SPECIAL}))
        assert category_of_property("sku", "items[].sku") == Category.SPECIAL
        assert category_of_property("sku", "gift.sku") == Category.BEHAVIOUR
        assert category_of_trait("sku", "items[].sku") == Category.TRANSACTIONS
    finally:
        use_decided(Decided())
