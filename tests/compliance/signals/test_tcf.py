"""TC strings: what they say of purposes, by the examples of the specification, and that rubbish never gives consent."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.signals import tcf
from tests.compliance.signals.strings import DISCLOSED, MADE, encoded, tc_string

# Of the texts of the IAB's specification: of version 2.0 (made in 2020), and of 2.2.
OF_2020 = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
LONG = f"{OF_2020}.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
WITH_PUBLISHER = (
    "CLcVDxRMWfGmWAVAHCENAXCkAKDAADnAABRgA5mdfCKZuYJez-NQm0TBMYA4oCAAGQYIAAAAAAEAIAEgAA.argAC0gAAAAAAAAAAAA"
)
REFUSES_ALL = "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA"
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
_LETTERS = st.text(string.ascii_letters + string.digits + "-_.")


def granted(text: str) -> set[str]:
    return {name for name, yes in tcf.purposes({"tcString": text}) if yes}


def said(text: str) -> dict[str, bool]:
    return dict(tcf.purposes({"tcString": text}))


@pytest.mark.parametrize("text", [OF_2020, LONG])
def test_the_example_of_the_specification_is_read(text):
    found = tcf.read(text)
    assert found is not None
    assert {number for number, yes in found.consents.items() if yes} == {1, 2, 3}
    assert not any(found.interests.values())
    assert (found.updated_at, found.policy, found.holds) == (
        datetime(2020, 2, 20, 23, 57, 39, 300000, tzinfo=UTC), 2, True,
    )  # fmt: skip
    assert granted(text) == {"purpose_1", "purpose_2", "purpose_3"}


def test_what_is_refused_is_told_with_what_is_granted():
    found = said(tc_string({1, 7}, {9}, {2}))
    assert {name for name, yes in found.items() if yes} == {
        "purpose_1",
        "purpose_7",
        "interest_9",
        "feature_2",
    }
    assert found["purpose_2"] is found["interest_7"] is found["feature_1"] is False
    assert "interest_3" not in found  # nobody may rest it on that


def test_vendors_that_have_a_field_or_ranges_are_passed_over():
    field, ranges = f"{9:016b}0{'101010101'}", f"{900:016b}1{2:012b}0{5:016b}1{10:016b}{900:016b}"
    for vendors in (field, ranges):
        assert granted(tc_string({4}, vendors=vendors)) == {"purpose_4"}


@pytest.mark.parametrize(
    "text",
    [
        WITH_PUBLISHER,  # of 2012, before there was a framework
        REFUSES_ALL,
        tc_string({1, 2}, policy=2, made=datetime(2023, 10, 1, tzinfo=UTC)),
        tc_string({1, 2}, is_of_one_site=False),
        tc_string({1, 2}, made=datetime(2026, 3, 1, tzinfo=UTC)),  # names no disclosed vendors
        tc_string({1, 2}, updated=datetime(2025, 1, 1, tzinfo=UTC)),  # changed before it was made
    ],
)
def test_one_that_does_not_hold_refuses_and_gives_nothing(text):
    assert granted(text) == set()
    assert said(text)["purpose_5"] is False


def test_one_of_2026_holds_with_the_vendors_that_were_disclosed():
    text = tc_string({1, 2}, made=datetime(2026, 3, 1, tzinfo=UTC), segments=f".{DISCLOSED}")
    assert granted(text) == {"purpose_1", "purpose_2"}


@pytest.mark.parametrize(
    "text",
    [
        "", "granted", "C", "2", "=" * 40, OF_2020[:-5], OF_2020 + "AA", OF_2020.replace("O", "ä", 1), f"{OF_2020}.", f"{OF_2020}.!",
        f".{OF_2020}", OF_2020 + "=", " " + OF_2020, "A" * 20_000, tc_string({1}, version=1), tc_string({1}, version=3),
        tc_string({1}, vendors=f"{9:016b}1{1:012b}1{8:016b}{3:016b}"), tc_string({1}, vendors=f"{9:016b}1{1:012b}0{10:016b}"),
        "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA",
    ],
)  # fmt: skip
def test_rubbish_says_nothing(text):
    assert said(text) == {}


@PATIENT
@given(st.one_of(st.text(), _LETTERS, _LETTERS.map("C{}".format), st.binary().map(lambda each: encoded("".join(f"{b:08b}" for b in each) or "0"))))  # fmt: skip
def test_nothing_that_is_no_tc_string_fails_or_gives_consent(text):
    assert granted(text) == set()


@PATIENT
@given(st.integers(0, len(OF_2020) - 2))  # the last letter has nothing but zeros to fill up
def test_one_that_was_cut_off_gives_nothing(size):
    assert granted(OF_2020[:size]) == set()


@PATIENT
@given(
    consents=st.sets(st.sampled_from(sorted(tcf.PURPOSES))), interests=st.sets(st.sampled_from(sorted(tcf.INTERESTS))),
    place=st.integers(0, 80), letter=st.sampled_from(string.ascii_letters + string.digits + "-_"),
)  # fmt: skip
def test_what_was_written_is_read_and_one_wrong_letter_never_fails(consents, interests, place, letter):
    text = tc_string(consents, interests, made=MADE)
    assert granted(text) == {f"purpose_{each}" for each in consents} | {
        f"interest_{each}" for each in interests
    }
    tcf.read(text[:place] + letter + text[place + 1 :])


@PATIENT
@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["tcString", "tcf", "consent", "x"]), inner)))  # fmt: skip
def test_whatever_stands_in_a_context_does_not_fail(value):
    for context in ({"consent": value}, {"tcString": value}, value if isinstance(value, dict) else {}):
        assert not [name for name, yes in tcf.purposes(context) if yes]
