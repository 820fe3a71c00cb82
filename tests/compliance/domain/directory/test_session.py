"""Sessions with real servers, and with ones that are down, hang, or are not who they say they are."""

import time
from dataclasses import replace

import ldap
import pytest

from compliance.domain.directory import failover
from compliance.domain.directory.session import DirectoryAway, session_of
from tests.compliance.directories import black_hole
from tests.compliance.like_domain_controller import Controller
from tests.compliance.slapd import Slapd, certificate_for_itself
from tests.waiting import eventually

REFUSES = "ldap://127.0.0.1:1"
PATIENCE_S = 20  # on a busy machine; without a deadline it would be for ever


@pytest.fixture(autouse=True)
def _no_failures():
    failover.forget()
    yield
    failover.forget()


def who(directory, lasts_s=4.5):
    with session_of(directory, lasts_s=lasts_s) as session:
        return session.whoami_s()


@pytest.mark.parametrize("scheme", ["ldap", "ldaps", "ldapi"])
def test_each_way_of_encryption_leads_in(slapd, directory, scheme):
    url = {"ldap": slapd.ldap_uri, "ldaps": slapd.ldaps_uri, "ldapi": slapd.ldapi_uri}[scheme]
    assert who(replace(directory, urls=(url,))) == f"dn:{directory.bind_dn}"


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_the_next_server_is_used_when_the_first_is_down_or_hangs(slapd, directory, scheme):
    with black_hole(scheme) as hangs:
        several = replace(directory, urls=(REFUSES, hangs, slapd.ldap_uri), timeout_s=1)
        assert who(several)
        assert failover.in_order(several.urls)[0] == slapd.ldap_uri  # it is known which ones fail
        assert who(several)


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_all_servers_hang_and_it_ends_in_time(directory, scheme):
    with black_hole(scheme) as one, black_hole(scheme) as other:
        began = time.monotonic()
        with pytest.raises(DirectoryAway, match=r"127\.0\.0\.1.*; .*127\.0\.0\.1"):
            who(replace(directory, urls=(one, other)))
        assert time.monotonic() - began < PATIENCE_S


def is_over(session) -> bool:
    try:
        session.whoami_s()
    except ldap.LDAPError:
        return True
    return False


def test_a_server_that_falls_silent_later_ends_the_session_in_time(directory):
    with session_of(directory, lasts_s=0.2) as session:
        assert eventually(lambda: is_over(session), "the session ends")


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
@pytest.mark.parametrize("wrong", ["made by himself", "for another name"])
def test_71_a_certificate_that_is_wrong_is_refused(tmp_path, directory, scheme, wrong):
    is_named = wrong == "made by himself"
    rogue = Slapd(tmp_path)
    rogue.servercert, rogue.serverkey = map(
        str, certificate_for_itself(tmp_path, "127.0.0.1" if is_named else "127.0.0.9")
    )
    rogue.begin()
    try:
        url = rogue.ldap_uri if scheme == "ldap" else rogue.ldaps_uri
        trusted = replace(directory, urls=(url,), ca_file=rogue.servercert)
        with pytest.raises(DirectoryAway, match="certificate is not trusted"):
            who(replace(trusted, ca_file=directory.ca_file) if is_named else trusted)
        assert not is_named or who(trusted)
    finally:
        rogue.stop()


def test_a_server_without_tls_gets_no_password(directory):
    with black_hole() as url, pytest.raises(DirectoryAway):
        who(replace(directory, urls=(url.replace("ldap://", "ldaps://"),)), lasts_s=1)


def test_71_a_server_that_refuses_to_encrypt_gets_no_password(directory):
    """Whoever is in between can answer so."""
    between = Controller({})
    with between.serving() as url, pytest.raises(DirectoryAway):
        who(replace(directory, urls=(url,)))
    assert between.bound == []
    with between.serving() as url, session_of(replace(directory, urls=(url,), start_tls=False), lasts_s=4.5):
        assert between.bound == [directory.bind_dn]


def test_as_many_as_may_wait_do_and_others_are_told_at_once():
    with (
        failover.bounded(["ldap://a"], most=1),
        pytest.raises(failover.Overloaded),
        failover.bounded(["ldap://a"], most=1),
    ):
        pass


def test_nobody_waits_again_for_servers_that_all_failed_just_now():
    failover.failed("ldap://a")
    with failover.bounded(["ldap://a", "ldap://b"], most=1):
        pass
    failover.failed("ldap://b")
    with pytest.raises(failover.Overloaded), failover.bounded(["ldap://a", "ldap://b"], most=1):
        pass
    failover.answered("ldap://b")
    with failover.bounded(["ldap://a", "ldap://b"], most=1):
        pass


def test_a_wrong_service_account_is_no_server_that_is_away(directory):
    with pytest.raises(ldap.INVALID_CREDENTIALS):
        who(replace(directory, bind_password="wrong"))
