"""A runbook for every alert and every command, where alerts, pages and the product lead to."""

import re

import pytest
import yaml
from django.core.management import get_commands

from cdp_site.runbooks import folder, read_runbook
from tests.compliance.notices.conftest import make_staff
from tests.conftest import ROOT

ALERTS = {
    rule["alert"]: rule["annotations"]
    for group in yaml.safe_load((ROOT / "docs/monitoring/headwater.rules.yml").read_text())["groups"]
    for rule in group["rules"]
}
APPS = ("activation", "analytics", "cdp_site", "compliance", "ingestion", "profiles", "segments", "streaming")
COMMANDS = sorted(name for name, app in get_commands().items() if app in APPS)
NAMES = sorted(path.stem for path in folder().glob("*.md") if path.stem != "README")


@pytest.mark.parametrize("alert", sorted(ALERTS))
def test_each_alert_leads_to_its_section(alert):
    path, _, anchor = ALERTS[alert]["runbook"].partition("#")
    assert anchor == alert.lower()
    book = read_runbook((ROOT / path).stem)
    assert book is not None
    (section,) = [section for section in book.sections if section.title == alert]
    assert section.text


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_section(command):
    book = read_runbook("commands")
    assert book is not None
    assert [section.text for section in book.sections if section.title == command] != []


def test_no_section_is_of_a_command_that_is_gone():
    book = read_runbook("commands")
    assert book is not None
    assert {section.title for section in book.sections if section.title} == set(COMMANDS)


def test_the_index_names_each():
    index = (folder() / "README.md").read_text()
    assert all(f"({name}.md)" in index for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_commands_that_it_names_exist(name):
    text = (folder() / f"{name}.md").read_text()
    assert set(re.findall(r"manage\.py (\w+)", text)) <= {*get_commands(), "help"}


@pytest.fixture
def staff(client, db):
    client.force_login(make_staff("ada", "administrator"))
    return client


def test_each_is_a_page_without_marks(staff):
    for name in NAMES:
        page = staff.get(f"/admin/runbooks/{name}/").content.decode()
        book = read_runbook(name)
        assert book is not None
        assert all(f'id="{section.anchor}"' in page for section in book.sections if section.title)
        assert not any("`" in section.text or "**" in section.text for section in book.sections)


def test_there_is_no_other_page(staff):
    assert staff.get("/admin/runbooks/README/").status_code == 404
    assert staff.get("/admin/runbooks/nothing/").status_code == 404


def test_who_does_not_see_the_pipeline_does_not_see_them(client, db):
    client.force_login(make_staff("mia", "marketer"))
    assert client.get("/admin/runbooks/consumers/").status_code == 403


@pytest.mark.parametrize("page", ["consumers", "consumer", "dead_letters", "topics"])
def test_pages_lead_to_it(page):
    template = (ROOT / "templates" / "streaming" / f"{page}.html").read_text()
    (name,) = re.findall(r'url "admin:runbook" "(\w+)"', template)
    assert name in NAMES
