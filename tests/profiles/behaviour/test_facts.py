"""What is read from an event, in the words of real SDKs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.behaviour.facts import Fact, fact_of
from profiles.behaviour.kinds import Kind
from profiles.moments import Moment
from tests.profiles.social.test_facts import JSON

MOMENT = Moment(1, bytes(16))
NAMES = ("text", "element", "path", "url", "depth", "error", "topic", "complaint", "dead", "clicks", "id")


def read(name: str | None, type_: str = "track", /, **properties: object) -> Fact:
    return fact_of({"type": type_, "event": name, "properties": properties, "context": {}}, MOMENT)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Element Clicked", Kind.CLICK), ("$mp_click", Kind.CLICK), ("[Amplitude] Element Clicked", Kind.CLICK),
        ("Mouse Over", Kind.HOVER), ("Element Hovered", Kind.HOVER), ("Page Scrolled", Kind.SCROLL),
        ("$rageclick", Kind.RAGE_CLICK), ("$dead_click", Kind.DEAD_CLICK), ("Error Shown", Kind.ERROR),
        ("$exception", Kind.ERROR), ("Complaint Submitted", Kind.COMPLAINT), ("Order Completed", Kind.OTHER),
    ],
)  # fmt: skip
def test_names_of_events(name, kind):
    assert read(name).kind is kind


def test_types_and_properties_tell_too():
    assert read("Home", "page").kind is read("Home", "screen").kind is Kind.VIEW
    assert read(None, "identify").kind is Kind.OTHER
    assert read("Element Clicked", dead=True).kind is read("clicked", effect=False).kind is Kind.DEAD_CLICK
    assert read("$autocapture", **{"$event_type": "click", "$el_text": "Pay"}).label == "Pay"
    assert read("Call Answered", topic="complaint") == Fact(1, 1, bytes(16), Kind.COMPLAINT)
    assert read("Feedback Given", complaint=True, topic="delivery").element == "delivery"


@pytest.mark.parametrize(
    "name", ["dead", "is_dead", "effect", "complaint", "$event_type", "element_id", "path"]
)
def test_what_tells_the_kind_limits_the_fact_too(name):
    given = {"type": "track", "event": "Element Clicked", "properties": {"dead": True}, "context": {}}
    said = fact_of(given, MOMENT, recorded=["analytics", f"properties.{name}=service"]).purposes
    assert "=service" in said.split()


def test_an_element_has_an_identity_and_a_label():
    assert read("Element Clicked", element_id="pay", text="  Pay\n now ")[4:6] == ("pay", "Pay now")
    assert read("Element Clicked", text="Pay")[4:6] == ("Pay", "Pay")
    assert read("Element Clicked", selector="#pay")[4:6] == ("#pay", "#pay")


@pytest.mark.parametrize(
    ("said", "percent"), [(80, 80), (80.4, 80), (0.5, 50), (1.0, 100), (1, 1), (250, 0), ("80", 0), (True, 0)]
)
def test_the_depth_of_a_scroll_is_in_percent(said, percent):
    assert read("Page Scrolled", depth=said).number == percent


def test_a_page_is_a_path_without_its_query():
    assert read("clicked", url="https://shop.example/pay?card=4111").page == "/pay"
    assert read("clicked", path="/pay?x=1#y").page == "/pay"
    assert read("clicked", url="https://[bad").page == ""
    context = {"page": {"path": "/basket"}}
    assert fact_of({"type": "track", "event": "clicked", "context": context}, MOMENT).page == "/basket"
    assert read("Basket", "screen").page == "Basket"


def test_an_error_is_known_by_its_code_or_message():
    assert read("Error Shown", code=402, message="No").element == "402"
    assert read("Error Shown", message="Card  declined").element == "Card declined"


@given(
    st.dictionaries(st.sampled_from(NAMES), JSON),
    st.sampled_from(["clicked", "scroll", "error", "complaint", "rageclick", "x"]),
    JSON,
)
def test_nothing_that_a_source_sends_makes_it_fail(properties, name, context):
    found = fact_of({"type": "track", "event": name, "properties": properties, "context": context}, MOMENT)
    assert all("\0" not in text and len(text) <= 100 for text in (found.element, found.label, found.page))
    assert 0 <= found.number <= 1000
