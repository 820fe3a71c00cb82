"""Devices are connected, their first messages looked at, and listened to, in a real browser."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.mosquitto import Mosquitto
from tests.waiting import eventually

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("HEADWATER_SHOTS", "")  # a folder for pictures that people look at


@pytest.fixture
def broker(tmp_path) -> Iterator[Mosquitto]:
    started = Mosquitto(tmp_path).start()
    yield started
    started.kill()


def test_a_thermostat_is_connected_and_its_readings_are_events_of_its_owner(sign_in, product, broker):
    product.start_worker()
    mark = uuid.uuid4().hex[:6]
    page = sign_in("administrator")
    page.goto("/admin/connections/new/?kind=mqtt")
    page.get_by_label("Name", exact=True).fill(f"Devices {mark}")
    page.get_by_label("Source").fill(f"Devices {mark}")
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(broker.port))
    page.get_by_label("Client id").fill(f"headwater-{mark}")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#test")).to_contain_text("port for TLS")
    page.get_by_label("Encryption on the way").select_option("off")
    expect(page.get_by_label("Certificate of the authority")).to_be_hidden()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#test")).to_contain_text("The login works: the broker speaks MQTT 5")
    _shoot(page, "mqtt-connection")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("link", name="Add what to read").click()
    address = page.url
    topic = f"homes/{mark}/kitchen"
    page.get_by_label("Name", exact=True).fill("Temperatures")
    page.get_by_label("Topics").fill(f"homes/#/{mark}")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert").first).to_contain_text("# stands for all that follows")
    broker.publish([(topic, json.dumps({"temperature": 20.5, "battery": 0.8}))], retain=True)
    page.get_by_label("Topics").fill("homes/+/kitchen")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_label("Fields")).to_have_value("temperature: number\nbattery: number", timeout=20_000)
    page.locator("#mapping").fill(json.dumps({
        "type": "track", "event": "Temperature Measured", "user_id": "levels[1]",
        "properties": {"temperature": "temperature", "room": "levels[2]"},
    }))  # fmt: skip
    page.locator("#mapping").blur()
    expect(page.locator("#preview")).to_contain_text("Temperature Measured", timeout=20_000)
    expect(page.locator("#preview")).to_contain_text("kitchen")
    _shoot(page, "mqtt-stream")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Run now").click()
    people = "SELECT count(*) FROM profiles_profile p JOIN profiles_identifier i ON i.profile_id = p.id WHERE i.value = %s"
    eventually(lambda: product.rows(people, mark)[0][0] == 1, seconds=90)
    broker.publish([(topic, json.dumps({"temperature": 21.5}))])
    expect(page.locator(".hw-figure", has_text="Sent").first).to_contain_text("2", timeout=60_000)
    _shoot(page, "mqtt-run")
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name=f"Devices {mark}").click()
    _shoot(page, "mqtt-page")
    page.get_by_role("link", name="Temperatures").click()
    expect(page.locator("body")).to_contain_text("all the time")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert violations(page, address) == []


def _shoot(page: Page, name: str) -> None:
    if not SHOTS:
        return
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for dark in (False, True):
            page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            path = Path(SHOTS) / f"{name}-{width}{'-dark' if dark else ''}.png"
            page.screenshot(path=str(path), full_page=True)
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size({"width": 1280, "height": 900})
