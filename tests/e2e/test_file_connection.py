"""A watched folder, from the empty form to people, as staff use it in a real browser."""

import os
import time
import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.test_workbench import can_be_read, shoot
from tests.waiting import eventually

pytestmark = pytest.mark.browser

_IN = """
SELECT count(*) FROM ingestion_connectionrun r JOIN ingestion_stream s ON s.id = r.stream_id
JOIN ingestion_connection c ON c.id = s.connection_id WHERE c.name = %s AND r.accepted = 2
"""
PHONE = {"width": 390, "height": 844}


def test_a_folder_is_connected_described_previewed_and_read(sign_in, product):
    name = f"Drop box {uuid.uuid4().hex[:6]}"  # a second try has its own
    incoming = product.incoming / name
    folder = incoming / "customers"
    folder.mkdir(parents=True)
    written = folder / "monday.csv"
    written.write_text("id,email,plan\nfolder-1,jane@example.com,gold\nfolder-2,joe@example.com,basic\n")
    os.utime(written, (time.time() - 600,) * 2)
    product.start_worker()
    page = sign_in("administrator")
    page.set_default_timeout(60_000)
    page.goto("/admin/connections/new/?kind=folder")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Source", exact=True).fill(name)
    page.get_by_label("Folder", exact=True).fill("/etc")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#test")).to_contain_text("does not stand below a folder that may be watched")
    page.get_by_label("Folder", exact=True).fill(str(incoming))
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#test")).to_contain_text("It can be read: 1 file, such as customers/monday.csv.")
    shoot(page, "folder-connection")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("link", name="Add what to read").first.click()
    page.locator("[name=stream]").fill("customers")
    page.locator("[name=its_pattern]").fill("customers/*.csv")
    page.locator("[name=its_after]").select_option("move")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#preview")).to_contain_text("jane@example.com")
    expect(page.get_by_role("checkbox", name="Read plan")).to_be_checked()
    shoot(page, "folder-stream")
    page.get_by_role("button", name="Keep it").first.click()
    page.get_by_role("button", name="Run now").first.click()
    eventually(
        lambda: product.rows(_IN, name)[0][0],
        seconds=90,
    )
    shoot(page, "folder-run")
    eventually(lambda: list((folder / "done").glob("monday.*.csv")), seconds=30)
    expect(page.locator(".hw-card-head").first).to_contain_text("2 rows in", timeout=60_000)
    page.locator(".hw-crumbs a", has_text="customers").click()
    page.get_by_text("Backfill: read what is there again").click()
    page.get_by_label("Files changed since").fill("2020-01-01")
    page.get_by_label("Rows a second, at most").fill("100")
    shoot(page, "folder-backfill")
    can_be_read(page)
    page.get_by_role("button", name="Start the backfill").click()
    expect(page.locator(".hw-state")).to_contain_text("Backfill")
    expect(page.locator(".hw-card-head").first).to_contain_text("2 rows in", timeout=60_000)
    shoot(page, "folder-backfill-run")
    assert len(list((folder / "done").iterdir())) == 1


@pytest.mark.parametrize("kind", ["folder", "sftp", "s3"])
def test_the_forms_of_files_fit_on_a_phone(sign_in, kind):
    page = sign_in("administrator", viewport=PHONE)
    page.goto(f"/admin/connections/new/?kind={kind}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shoot(page, f"{kind}-form")
    for secret in page.locator("input[type=password]").all():
        assert secret.input_value() == ""
