"""A person's data stay out of logs, error pages, addresses and figures, whatever goes wrong.

The whole product runs: web server, consumers, worker, sources. What is sent to it carries markers that are nowhere else, to addresses
that take it and to those that refuse it, while faults are put in: values that the database refuses and quotes, a
consumer that fails on a person, jobs that fail, a directory and another system that do not answer.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, Database
from tests.e2e.product import PASSWORDS, Product, installed
from tests.ingestion.collector.serving import KEY
from tests.waiting import eventually

EMAIL, NAME, PHONE = "markerella.zz9@example.com", "Markerella Zyxwvut", "+447700900815"
PASSWORD, WRITE_KEY, TOKEN = "marker-password-Q7", "MARKERKEYQ7", "hw_markertokenQ7markertokenQ7"
SECRET, WORD = "marker-secret-Q7", "markerwordq7"
MARKERS = (EMAIL, "markerella", "Zyxwvut", PHONE, "7700900815", PASSWORD, WRITE_KEY, TOKEN, SECRET, WORD)
SHOWN_AGAIN = "admin: a form with what was typed, for who typed it"
_PERSON = {"email": EMAIL, "name": NAME, "phone": PHONE, "note": WORD}
_TOKEN = """
import django, json
django.setup()
from django.utils import timezone
from compliance.access import Actor
from compliance.domain.tokens import create_token
from compliance.enums import Category, Operation
by = Actor.system("tests")
_, secret = create_token(name="tests", by=by, now=timezone.now(), scopes=list(Operation), categories=list(Category))
print(secret)
"""
# Faults of a database that say which values they are about, as PostgreSQL and triggers do.
_FAULTS = f"""
ALTER TABLE compliance_suppressedidentifier ADD CONSTRAINT no_markers CHECK (reason NOT LIKE '%{WORD}%');
ALTER TABLE compliance_user ADD CONSTRAINT no_markers CHECK (username NOT LIKE 'marker%');
CREATE FUNCTION refuse_markers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW::text ILIKE '%broken-{WORD}%' THEN
        RAISE EXCEPTION 'the value "%" of % is refused', NEW::text, TG_TABLE_NAME USING DETAIL = NEW::text;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_markers BEFORE INSERT OR UPDATE ON profiles_identifier FOR EACH ROW EXECUTE FUNCTION refuse_markers();
CREATE TRIGGER refuse_markers BEFORE INSERT OR UPDATE ON ingestion_fileimport FOR EACH ROW EXECUTE FUNCTION refuse_markers();
"""


@dataclass
class Heard:
    """What came back, by what was asked."""

    home: Path
    answers: list[tuple[str, httpx.Response]] = field(default_factory=list)

    def note(self, label: str, answer: httpx.Response) -> httpx.Response:
        self.answers.append((label, answer))
        return answer

    def logs(self) -> dict[str, str]:
        return {path.name: path.read_text(errors="replace") for path in sorted(self.home.glob("*.log"))}


@pytest.fixture(scope="module")
def heard(migrated_template: Database) -> Iterator[Heard]:
    with installed(migrated_template, "markers", Product) as product:
        product.server.environment |= {
            "LDAP_URL": "ldap://127.0.0.1:1", "LDAP_START_TLS": "0", "LDAP_USER_BASE": "ou=people,dc=example,dc=com",
            "LDAP_GROUP_BASE": "ou=groups,dc=example,dc=com", "LDAP_TIMEOUT_S": "1",
        }  # fmt: skip
        product.start()
        product.start_worker()
        heard = Heard(product.home)
        _hurt(product, heard)
        yield heard


def _hurt(product: Product, heard: Heard) -> None:
    with product.database.connect(autocommit=True) as connection:
        connection.execute(_FAULTS)
    with httpx.Client(base_url=product.url, timeout=60) as web:
        _to_the_collector(web, heard)
        _to_the_api(web, heard, _output(product, _TOKEN))
        _to_the_admin(web, heard)
        _to_jobs(product)
        eventually(lambda: _failed(heard), "the consumer and the job fail", seconds=120)
        heard.note("metrics", web.get("/metrics"))
        heard.note("health", web.get("/health/ready"))


def _to_the_collector(web: httpx.Client, heard: Heard) -> None:
    auth = (KEY, "")
    good = {
        "type": "identify",
        "userId": EMAIL,
        "anonymousId": "a",
        "traits": _PERSON,
        "context": {"ip": "192.0.2.9"},
    }
    bad = {**good, "userId": f"broken-{WORD}-{EMAIL}"}
    heard.note("taken", web.post("/v1/batch", json={"batch": [good, bad]}, auth=auth))
    sent = {
        "no JSON": web.post("/v1/track", content=json.dumps(good)[:-3], auth=auth),
        "no name": web.post("/v1/track", json={**good, "type": "track"}, auth=auth),
        "wrong key": web.post("/v1/track", json=good, auth=(WRITE_KEY, "")),
        "key in the address": web.post(f"/v1/track?writeKey={WRITE_KEY}", json=good),
        "too large": web.post("/v1/track", json={**good, "pad": [_PERSON] * 9000}, auth=auth),
        "wrong method": web.put(f"/v1/track?email={EMAIL}", json=good, auth=auth),
        "no address": web.post(f"/v1/{EMAIL}", json=good, auth=auth),
        "no gzip": web.post("/v1/track", content=b"\x1f\x8b" + EMAIL.encode(), auth=auth),
        "pixel": web.get("/pixel/v1/track", params={"writeKey": WRITE_KEY, "email": EMAIL}),
        "no hook": web.post(f"/v1/hooks/{WORD}", json=good),
        "settings": web.get(f"/v1/projects/{WRITE_KEY}/settings"),
    }
    for label, answer in sent.items():
        heard.note(f"collector: {label}", answer)


def _to_the_api(web: httpx.Client, heard: Heard, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    profiles = "/api/v1/profiles/"
    sent = {
        "nobody": web.post(
            f"{profiles}lookup/", json={"identifier": f"email:other-{EMAIL}"}, headers=headers
        ),
        "no JSON": web.post(f"{profiles}lookup/", content=f'{{"identifier": "{EMAIL}"', headers=headers),
        "unreadable": web.post(f"{profiles}lookup/", json={"identifier": NAME}, headers=headers),
        "unknown namespace": web.post(
            f"{profiles}lookup/", json={"identifier": f"{WORD}:{EMAIL}"}, headers=headers
        ),
        "unknown field": web.post(f"{profiles}lookup/", json={EMAIL: PHONE}, headers=headers),
        "in the address": web.get(profiles, params={"identifier": f"email:{EMAIL}"}, headers=headers),
        "unknown parameter": web.get(profiles, params={EMAIL: NAME}, headers=headers),
        "no address": web.get(f"{profiles}{EMAIL}/", headers=headers),
        "no trace": web.get(f"/api/v1/events/{EMAIL}/trace/", headers=headers),
        "wrong token": web.get(profiles, headers={"Authorization": f"Bearer {TOKEN}"}),
        "wrong method": web.request("DELETE", profiles, params={"email": EMAIL}, headers=headers),
        "too large": web.post(f"{profiles}lookup/", content=EMAIL * 400_000, headers=headers),
        "refused by the database": web.post(
            "/api/v1/suppressions/",
            json={"identifier": f"email:{EMAIL}", "reason": f"{WORD} {NAME}"},
            headers=headers,
        ),
        "cursor": web.get(profiles, params={"cursor": EMAIL}, headers=headers),
    }
    for label, answer in sent.items():
        heard.note(f"api: {label}", answer)


def _to_the_admin(web: httpx.Client, heard: Heard) -> None:
    heard.note("admin: forged", web.post("/admin/login/", data={"username": EMAIL, "password": PASSWORD}))
    _sign_in(web, EMAIL, PASSWORD, heard)
    answer = _sign_in(web, "administrator", PASSWORDS["administrator"], heard)
    assert answer.headers.get("Location") == "/admin/", answer.text[:500]
    form = {"csrfmiddlewaretoken": web.cookies["csrftoken"]}
    heard.note("admin: people", web.post("/admin/people/", data={**form, "q": EMAIL}))
    heard.note("admin: nobody", web.post("/admin/people/", data={**form, "q": f"other {NAME}"}))
    heard.note("admin: trace", web.post("/admin/trace/", data={**form, "message": EMAIL}))
    heard.note("admin: no address", web.get(f"/admin/{EMAIL}/"))
    heard.note("admin: no topic", web.get(f"/admin/topics/{EMAIL}/"))
    heard.note("admin: NUL", web.get("/admin/people/", params={"a": f"{EMAIL}\0"}))
    heard.note("admin: wrong method", web.get("/admin/quarantine/1/discard/", params={"a": EMAIL}))
    heard.note("admin: too large", web.post("/admin/people/", data={**form, "q": EMAIL * 400_000}))
    new = {**form, "username": f"marker.{WORD}", "email": EMAIL, "role": "marketer", "roles": "marketer"}
    heard.note(SHOWN_AGAIN, web.post("/admin/settings/users/new/", data=new))
    reason = {**form, "namespace": "email", "kind": "email", "value": EMAIL, "reason": f"{WORD} {NAME}"}
    heard.note("admin: suppression refused", web.post("/admin/privacy/suppressions/", data=reason))
    heard.note("admin: audit", web.post("/admin/privacy/audit/", data={**form, "person": f"email:{EMAIL}"}))
    heard.note("admin: host", web.get("/admin/", headers={"Host": f"{WORD}.example.com"}))
    file = {"file": (f"{EMAIL}.csv", f"email,name\n{EMAIL},{NAME}\n".encode(), "text/csv")}
    heard.note(
        "admin: upload",
        web.post("/admin/imports/new/", data={**form, "source": f"broken-{WORD}"}, files=file),
    )
    wrong = {
        **form, "kind": "postgres", "name": WORD, "source": "Web shop", "host": "127.0.0.1", "port": "1",
        "database": WORD, "user": WORD, "password": SECRET, "sslmode": "disable",
    }  # fmt: skip
    heard.note("admin: connection test", web.post("/admin/connections/test/", data=wrong))
    heard.note("admin: new connection", web.post("/admin/connections/new/?kind=postgres", data=wrong))


def _sign_in(web: httpx.Client, name: str, password: str, heard: Heard) -> httpx.Response:
    web.get("/admin/login/")
    login = {
        "csrfmiddlewaretoken": web.cookies["csrftoken"],
        "username": name,
        "password": password,
        "next": "/admin/",
    }
    return heard.note("admin: sign-in", web.post("/admin/login/", data=login))


_JOBS = f"""
import django
django.setup()
from cdp_site.celery import app
app.send_task("compliance.tasks.mail", args=["{EMAIL}"], kwargs={{"name": "{NAME}"}})
app.send_task("ingestion.tasks.send_import", args=["{EMAIL}"])
app.send_task("ingestion.tasks.run_connection", args=["{EMAIL}"], queue="sources")
app.send_task("ingestion.tasks.gone", args=["{EMAIL}"])
"""


def _to_jobs(product: Product) -> None:
    _output(product, _JOBS)


def _output(product: Product, program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={**product.environment, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _failed(heard: Heard) -> Any:
    logs = heard.logs()
    return (
        "a batch failed and is searched" in logs["consumers.log"] and logs["worker.log"].count("error") >= 3
    )


def _found(text: str) -> list[str]:
    lowered = text.lower()
    return [marker for marker in MARKERS if marker.lower() in lowered]


def test_no_log_of_any_process_has_them(heard):
    logs = heard.logs()
    assert {"server.log", "consumers.log", "worker.log"} <= logs.keys()
    lines = [f"{name}: {line}" for name, text in logs.items() for line in text.splitlines() if _found(line)]
    assert not lines, "\n".join(lines)


def test_the_faults_are_told_all_the_same(heard):
    logs = heard.logs()
    assert "IntegrityError" in logs["server.log"]
    assert "RaiseException" in logs["consumers.log"]
    assert "TypeError" in logs["worker.log"]


def test_no_error_page_repeats_what_was_sent(heard):
    refused = [each for each in heard.answers if each[1].status_code >= 400 and each[0] != SHOWN_AGAIN]
    statuses = {answer.status_code for _, answer in refused}
    assert {400, 401, 403, 404, 405, 413, 500} <= statuses
    assert [
        (label, answer.status_code, _found(answer.text)) for label, answer in refused if _found(answer.text)
    ] == []


def test_no_address_that_a_browser_is_led_to_has_them(heard):
    led = [
        (label, answer.headers["Location"]) for label, answer in heard.answers if "Location" in answer.headers
    ]
    assert len(led) >= 3
    assert [each for each in led if _found(each[1])] == []


def test_no_figure_and_no_header_has_them(heard):
    for label, answer in heard.answers:
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", label
        assert not _found("\n".join(f"{name}: {value}" for name, value in answer.headers.items())), label
    (metrics,) = (answer for label, answer in heard.answers if label == "metrics")
    assert metrics.status_code == 200
    assert _found(metrics.text) == []
