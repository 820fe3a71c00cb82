"""By which channel an event came, from what SDKs of Segment and RudderStack send."""

import pytest

from profiles.domain.channels import EventChannel, channel_of


def _library(name: str) -> dict:
    return {"library": {"name": name, "version": "1"}}


@pytest.mark.parametrize(
    ("context", "channel"),
    [
        ({"channel": "browser"}, "web"),
        ({"channel": "Mobile"}, "mobile"),
        ({"channel": "server", **_library("analytics.js")}, "server"),
        ({"channel": "sources"}, "import"),
        (_library("analytics.js"), "web"),
        (_library("RudderLabs JavaScript SDK"), "web"),
        (_library("@segment/analytics-node"), "server"),
        (_library("analytics-python"), "server"),
        (_library("analytics-java"), "server"),
        (_library("com.rudderstack.android.sdk.core"), "mobile"),
        (_library("rudder-ios-library"), "mobile"),
        (_library("analytics-react-native"), "mobile"),
        (_library("Analytics.NET"), "server"),
        (_library("analytics-go"), "server"),
        (_library("kiosk-axios-trustpilot-gtm-google"), ""),
        ({"page": {"path": "/"}}, "web"),
        ({"page": {"path": "/"}, "os": {"name": "iOS"}}, "web"),
        ({"device": {"type": "android"}}, "mobile"),
        ({}, ""),
        ({"channel": ["web"], "library": "analytics.js", "device": None, "os": {"name": 7}}, ""),
        ({"channel": "carrier pigeon"}, ""),
    ],
)
def test_the_channel_is_what_is_said_else_what_the_sdk_is_known_for(context, channel):
    assert channel_of(context) == channel


def test_what_a_file_brought_is_an_import_and_a_source_speaks_where_its_events_do_not():
    assert channel_of({"channel": "web"}, import_id=7) is EventChannel.IMPORT
    assert channel_of({}, source=EventChannel.WEBHOOK) is EventChannel.WEBHOOK
    assert channel_of(_library("analytics.js"), source=EventChannel.WEBHOOK) is EventChannel.WEB
