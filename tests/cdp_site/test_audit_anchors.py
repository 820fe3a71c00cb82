"""AUDIT_ANCHORS is read once, and refused with a message that says what it should be and repeats no secret."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from cdp_site.audit_anchors import read_audit_anchors

HOME = Path("/srv/headwater")


@pytest.fixture
def read(monkeypatch):
    def given(places: str, token: str = ""):
        monkeypatch.setenv("AUDIT_ANCHORS", places)
        monkeypatch.setenv("AUDIT_ANCHOR_TOKEN", token)
        return read_audit_anchors(Env(), HOME)

    return given


def test_without_any_a_file_of_this_installation(monkeypatch):
    monkeypatch.delenv("AUDIT_ANCHORS", raising=False)
    assert read_audit_anchors(Env(), HOME).places == ["file:/srv/headwater/anchors/audit.jsonl"]


def test_several_of_each_kind(read):
    places = "https://a.example.com/x, syslog://log:514,syslog+tcp://log,syslog+tls://[::1]:6514,file:/mnt/worm/a.jsonl"
    assert read(places, "t0ken").places == [each.strip() for each in places.split(",")]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("ftp://host/s3cret", "should be addresses"),
        ("s3cret", "should be addresses"),
        ("https:///s3cret", "should be addresses"),
        ("syslog://host:0", "should be addresses"),
        ("syslog://host:99999", "a port"),
        ("file:s3cret", "whole path"),
        ("file://host/s3cret", "whole path"),
        ("https://me:s3cret@host/", "holds a login"),
        ("http://host/", "in the clear"),
    ],
)
def test_what_is_wrong_is_said(read, places, said):
    with pytest.raises(ImproperlyConfigured, match=said) as refused:
        read(places, "t0ken")
    assert "s3cret" not in str(refused.value)
    assert "t0ken" not in str(refused.value)
