"""Which keys are ids and not names, and the paths of what stands under them."""

import string
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.classification import Decided, category_of_property, category_of_trait, use_decided
from compliance.consent import Use, narrowed
from compliance.enums import Category
from compliance.key_paths import EACH, path_within, shared_name, shared_path

IDS = (
    st.integers().map(str)
    | st.uuids().map(str)
    | st.dates().map(str)
    | st.integers(0, 10**6).map("sku-{:06}".format)
    | st.emails()
    | st.binary(min_size=6, max_size=32).map(bytes.hex)
)
WORDS = st.from_regex(r"[a-z]{1,9}(_[a-z]{1,9}){0,3}[0-9]{0,4}", fullmatch=True)


@given(IDS)
def test_ids_have_one_name(key: str) -> None:
    assert shared_name(key) == EACH


@given(WORDS.filter(lambda each: len(each.rstrip(string.digits)) > 4))
def test_names_stay_what_they_are(name: str) -> None:
    assert shared_name(name) == name


@pytest.mark.parametrize(
    "name", ["total", "line2", "iso8601", "sha256", "utm_source", "year2024", "address1", "q1_2", "żółć", "", "a.b", "items[]"]
)  # fmt: skip
def test_a_small_number_is_part_of_a_name(name):
    assert shared_name(name) == name


@pytest.mark.parametrize(
    "key", ["1001", "-3", "12:30", "SKU-4711", "user12345", "order 4711", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "V1StGXR8_Z5jdHi6B-myT"]
)  # fmt: skip
def test_what_only_ids_look_like(key):
    assert shared_name(key) == EACH


def test_a_path_has_each_for_every_id():
    assert path_within("", "1001") == EACH
    assert path_within("items", str(uuid.UUID(int=7))) == "items.*"
    assert path_within(path_within("items", "1001"), "price") == "items.*.price"
    assert shared_path("items.1001.tax[].sku-4711[][].rate") == "items.*.tax[].*[][].rate"


@given(st.lists(WORDS | IDS.filter(lambda each: "." not in each and "[" not in each), min_size=1, max_size=5))
def test_a_path_from_before_ids_had_one_name_leads_where_it_led(keys: list[str]) -> None:
    path = ""
    for key in keys:
        path = path_within(path, key)
    assert shared_path(".".join(keys)) == path
    assert shared_path(path) == path


def test_no_key_takes_long():
    began = time.process_time()
    for piece in ("1a", "a1 ", "1 ", "-", "0", "a", "(1.-) ", "1---", "f" * 12 + "-"):
        for end in ("", "!", "x"):
            shared_name((piece * 255)[: 255 - len(end)] + end)
    assert time.process_time() - began < 0.1


def test_what_is_decided_of_each_holds_for_every_id():
    try:
        use_decided(Decided(properties={"items.*": Category.SPECIAL, EACH: Category.BEHAVIOUR}))
        assert category_of_property("1001", "items.*") is Category.SPECIAL
        assert category_of_property("1001", "prices.*") is Category.BEHAVIOUR
        assert category_of_trait("order-4711") is Category.UNCLASSIFIED, "an id says nothing by itself"
        use_decided(Decided(traits={"order-4711": Category.SPECIAL}))
        assert category_of_trait("order-4711") is Category.SPECIAL, "decided when it had a name of its own"
    finally:
        use_decided(Decided())


def test_a_limit_from_before_ids_had_one_name_holds_on():
    use = Use("marketing", needs_consent=False, names=frozenset({"marketing"}))
    recorded = ["properties.items.1001.price=service", "traits.1002=service"]
    assert "properties.items.*.price" in use.refused_keys(recorded)
    assert narrowed(recorded, ["traits.*"]) == ["=service"]
