"""What a directory says when it refuses a password: who signs in hears what they can do, strangers hear nothing."""

from dataclasses import replace

import ldap
import pytest

from compliance.domain.directory.configuration import Kind, Lookup
from compliance.domain.directory.examining_person import examine_person
from compliance.domain.directory.refusals import CLOSED, EXPIRED, NONE, refusal_of
from compliance.domain.directory.session import session_of
from compliance.models import User
from tests.compliance.conftest import NOW
from tests.compliance.like_domain_controller import Controller, refused

PEOPLE = "OU=People,DC=harbour,DC=test"
# By sub-code: what whoever signs in is told, and what the test of the connection says.
CODES = {
    "525": ("", "knows nobody of this name"),
    "52e": ("", "It is wrong"),
    "530": ("at this hour", "not sign in at this hour"),
    "531": ("on some computers only", "on named computers only"),
    "532": (EXPIRED, "has expired"),
    "533": (CLOSED, "is disabled"),
    "701": (CLOSED, "account has expired"),
    "773": ("choose another password", "has to be changed before"),
    "775": ("", "locked after too many wrong passwords"),
}


def dn_of(code):
    return f"CN=u{code},{PEOPLE}"


@pytest.fixture
def controller():
    """Has somebody for each code, who is called after it."""
    entries = {
        dn_of(code): {
            "sAMAccountName": [f"u{code}".encode()],
            "objectGUID": [code.encode() * 4 + b"abcd"],
            "cn": [b"x"],
        }
        for code in CODES
    }
    return Controller(
        entries, {dn_of(code): refused(code) for code in CODES},
        finds=lambda base, condition: [dn for dn in entries if base == PEOPLE and dn[3:7].encode() in condition],
    )  # fmt: skip


@pytest.fixture
def at(active_directory, controller):
    with controller.serving() as url:
        yield replace(
            active_directory,
            urls=(url,),
            start_tls=False,
            user_base=PEOPLE,
            kind=Kind.ACTIVE_DIRECTORY,
            lookup=Lookup.CHAIN,
        )


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_understood(code):
    told, why = CODES[code]
    for written in (code, code.upper()):
        found = refusal_of({"info": refused(written)}, [])
        assert why in found.why
        assert told in found.told
        assert bool(told) == bool(found.told)


def test_each_code_says_something_else_to_who_tests():
    assert len({refusal_of({"info": refused(code)}, []).why for code in CODES}) == len(CODES)


@pytest.mark.parametrize("info", ["", "no such thing", "data", "data zz", "datadata 52"])
def test_what_is_no_code_is_no_reason(info):
    assert refusal_of({"info": info}, []) is NONE


def test_a_code_that_nobody_knows_is_named_to_who_tests_and_to_nobody_else():
    found = refusal_of({"info": refused("8ac")}, [])
    assert (found.told, "data 8ac" in found.why) == ("", True)


@pytest.mark.django_db
def test_the_test_of_the_connection_says_each(at):
    for code, (_, why) in CODES.items():
        with session_of(at, lasts_s=20) as session:
            person = examine_person(session, at, name=f"u{code}", password="some password", now=NOW)
        assert why in person.steps[-1].said, code
        assert person.steps[-1].title == "Password"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("msDS-User-Account-Control-Computed", b"16", "locked for now"),
        ("pwdLastSet", b"0", "has to be changed before the next sign-in"),
        ("accountExpires", b"0", "The account is open"),
        ("accountExpires", b"1", "has expired in the directory"),
        ("userAccountControl", b"514", "is disabled in the directory"),
    ],
)
def test_what_an_entry_says_of_itself_is_said_without_a_password(at, controller, attribute, value, said):
    controller.entries[dn_of("52e")][attribute] = [value]
    with session_of(at, lasts_s=20) as session:
        person = examine_person(session, at, name="u52e", password="", now=NOW)
    [state] = [step for step in person.steps if step.title == "State"]
    assert said in state.said


@pytest.mark.django_db
def test_who_signs_in_is_told_each_and_strangers_nothing(client, use, at):
    use(at)
    pages = {}
    for code in CODES:
        answer = client.post("/admin/login/", {"username": f"u{code}", "password": "some password"})
        assert answer.status_code == 200
        pages[code] = answer.content.decode()
    stranger = client.post("/admin/login/", {"username": "nobody", "password": "x"}).content.decode()
    for code, (told, _) in CODES.items():
        assert told in pages[code], code
        assert f"data {code}" not in pages[code]
        if not told:
            assert _without_what_differs(pages[code], f"u{code}") == _without_what_differs(stranger, "nobody")
    assert not User.objects.exists()


def _without_what_differs(page, name):
    """The page, but for the name that was typed and the token of the form."""
    body = page.partition("<main>")[2].replace(name, "")
    before, _, after = body.partition('name="csrfmiddlewaretoken" value="')
    return before + after.partition('"')[2]


def test_a_service_account_that_is_locked_is_told_so(at, controller):
    controller.refuses[at.bind_dn] = refused("775")
    with pytest.raises(ldap.INVALID_CREDENTIALS), session_of(at, lasts_s=20):
        pass
