"""Attacks 36 and 38 in a real browser: scripts in all that others send or name, and pages within pages of others."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog

from ingestion.models import FileImport
from tests.attacks.walking import screens
from tests.attacks.world import World, program, staff, upload
from tests.e2e.conftest import browser  # noqa: F401 -- a fixture

pytestmark = pytest.mark.browser

MARK = "zqscript"
OUTSIDE = "evil.example"
IMAGE = f'{MARK}<img src=x onerror="alert(1)"><script src="https://{OUTSIDE}/x.js"></script>'
IMAGE_ALONE = f"{MARK}<img src=x onerror=alert(1)>"
QUOTED = f'{MARK}"\'`><svg onload=alert(1)><a href="javascript:alert(1)">x</a>'
EVALUATED = f"{MARK}{{{{constructor.constructor('alert(1)')()}}}}${{alert(1)}}'+alert(1)+'"
LINK = f"javascript:alert('{MARK}')//"
HARMFUL = (
    "a[href^='javascript:' i]", "img[src='x']", "svg[onload]", f"script[src*='{OUTSIDE}']", "form[action^='javascript:' i]",
)  # fmt: skip
PAYLOADS = (IMAGE, QUOTED, EVALUATED, LINK)


def _events() -> list[dict[str, Any]]:
    found = []
    for number, text in enumerate(PAYLOADS):
        who = {"anonymousId": f"{text}-{number}", "userId": f"{text}-{number}"}
        content = {
            text: text,
            "name": text,
            "city": text,
            "url": text,
            "avatar": text,
            "email": f"{number}@example.com",
            "nested": {text: [text]},
        }
        context = {
            "userAgent": text, "ip": "203.0.113.9", "page": {"url": text, "path": text, "title": text, "referrer": text},
            "campaign": {"name": text, "source": text}, "library": {"name": text, "version": text}, "locale": text, text: text,
        }  # fmt: skip
        found += [
            {"type": "page", "name": text, "properties": {**content, "path": text}, **who},
            {"type": "identify", "traits": content, **who},
            {
                "type": "track",
                "event": text,
                "properties": {**content, "products": [{"name": text, "sku": text}]},
                **who,
            },
            {"type": "group", "groupId": text, "traits": content, **who},
            {
                "type": "track",
                "event": "Held",
                "properties": {"total": text, text: text},
                **who,
                "messageId": f"{MARK}-held-{number}",
            },
            {"type": "track", "properties": content, **who, "messageId": f"{text}-refused"},
        ]
        for each in found:
            each.setdefault("context", context)
            each.setdefault("messageId", f"{text}-{uuid.uuid4().hex}")
    return found


@pytest.fixture(scope="module")
def addresses(world: World, database) -> list[str]:
    """Where something of it shows, as somebody sees it to whom everything is open."""
    plan = {
        "events": {
            "track:Held": {"properties": {"total": {"type": "number"}}},
            f"track:{IMAGE}": {"title": IMAGE},
        },
        "policy": {"wrong": "quarantine"},
    }
    world.keep_to(plan, "Held", note=IMAGE)
    world.send(*_events())
    world.wait_for(
        "SELECT 1 FROM profiles_timeline t JOIN profiles_eventname n ON n.id = t.event_id WHERE n.name = %s",
        LINK,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.HEADWATER_HOME", world.home)
        patch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
        admin = staff("reads scripts")
        admin.post("/admin/sources/new/", {"name": IMAGE, "description": QUOTED})
        upload(admin, f"{IMAGE_ALONE}.csv", f"{IMAGE_ALONE},id\n{MARK}<svg onload=alert(1)>,1\n")
        admin.post(
            "/admin/connections/new/",
            {
                "kind": "sql",
                "name": IMAGE[:100],
                "source": QUOTED,
                "dialect": "sqlite",
                "database": "/nowhere",
            },
        )
        admin.post(
            "/admin/webhooks/new/",
            {
                "name": IMAGE,
                "scheme": "stripe",
                "mapping": '{"type": "identify", "user_id": "id"}',
                "algorithm": "sha256",
                "encoding": "hex",
            },
        )
        admin.post(
            "/admin/settings/tokens/new/",
            {"name": IMAGE_ALONE, "scope": ["people.view"]},
        )
        admin.post(
            "/admin/privacy/suppressions/", {"namespace": "email", "value": "s@example.com", "reason": IMAGE}
        )
        shown = screens(admin)
    assert FileImport.objects.filter(name__contains=MARK).exists()
    found = [address for address, text in shown.items() if MARK in text]
    assert len(found) > 25
    return found


@pytest.fixture
def signed_in(browser: Browser, world: World):  # noqa: F811
    made: list[BrowserContext] = []

    def context() -> BrowserContext:
        client = staff("reads scripts")
        found = browser.new_context(base_url=world.url)
        found.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": world.url}
                for name, morsel in client.cookies.items()
            ]
        )
        made.append(found)
        return found

    yield context
    for each in made:
        each.close()


def test_no_screen_runs_what_others_sent(addresses, signed_in, world):
    """Attack 36: no dialog, no request to another host, no link that is a script, nothing that a policy had to stop."""
    page, harm = signed_in().new_page(), list[str]()

    def heard(dialog: Dialog) -> None:
        harm.append(f"{page.url}: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", heard)
    page.on(
        "request",
        lambda request: harm.extend([request.url][: not request.url.startswith((world.url, "data:"))]),
    )
    page.on(
        "console", lambda message: harm.extend([message.text][: "Content Security Policy" in message.text])
    )
    page.on("pageerror", lambda error: harm.append(f"{page.url}: {error}"))
    shown = 0
    for address in addresses:
        page.goto(address, wait_until="load")
        shown += MARK in page.content()
        harm += [f"{address}: {selector}" for selector in HARMFUL if page.locator(selector).count()]
    assert harm == []
    assert shown > 20, "the pages were not shown"


def test_no_page_shows_within_a_page_of_others(signed_in, world):
    """Attack 38: a page of another site that lays ours under something to click on."""
    page = signed_in().new_page()
    for address in ("/admin/", "/admin/settings/users/", "/admin/people/", "/api/docs/", "/admin/login/"):
        page.goto("about:blank")
        page.set_content(
            f'<iframe id="ours" src="{world.url}{address}"></iframe><object data="{world.url}{address}"></object>'
        )
        page.wait_for_load_state("networkidle")
        assert not [
            frame for frame in page.frames if frame.url.startswith(world.url) and "<main" in frame.content()
        ]


@pytest.mark.parametrize("kind", ["json", "html"])
def test_answers_over_rest_are_never_a_page(world, kind):
    """Attack 36: what is asked for in a browser's address bar is JSON, whatever is in it and whatever is accepted."""
    accepted = {"json": "application/json", "html": "text/html"}[kind]
    for path in ("/api/v1/profiles/", f"/api/v1/profiles/{IMAGE}/", "/api/v1/profiles/?cursor=<script>"):
        answer = program().get(path, headers={"Accept": accepted})
        assert answer.headers["Content-Type"] in ("application/json", "application/problem+json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
