"""What a sender delivers again, because our answer never reached it, is one event on one profile of the running product."""

import hmac
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import ROOT
from tests.e2e.product import Product
from tests.ingestion.collector.serving import Answer, LogView
from tests.waiting import eventually

pytestmark = pytest.mark.fault
KEY = b"0123456789abcdef0123456789abcdef"
SECRETS = {"standard": "whsec_" + b64encode(KEY).decode(), "stripe": KEY.decode(), "github": KEY.decode()}
MAPPING = {"type": "track", "event": "Order Paid", "user_id": "customer", "properties": {"total": "amount"}}
_MAKE = """
import json, sys, django
django.setup()
from django.utils import timezone
from compliance.access import Actor
from ingestion.domain.webhooks.setting_up import Wanted, create_webhook
wanted, secret = json.load(sys.stdin)
made, _ = create_webhook(
    wanted=Wanted(**wanted), source=wanted["name"], secret=secret, by=Actor.system("tests"), now=timezone.now()
)
print(made.public_id)
"""
_ORDERS = """
SELECT (t.properties ->> 'total')::float FROM profiles_timeline t JOIN profiles_anchor a ON a.id = t.anchor_id
JOIN profiles_identifier i ON i.profile_id = a.profile_id WHERE i.value = %s
"""
_COUNTED = """
SELECT count(DISTINCT a.profile_id), sum(c.count)::int FROM profiles_daily_counter c
JOIN profiles_anchor a ON a.id = c.anchor_id JOIN profiles_identifier i ON i.profile_id = a.profile_id WHERE i.value = %s
"""


class Sender:
    """A system that delivers payloads, signed as the scheme says, until it has an answer."""

    def __init__(self, product: Product, scheme: str) -> None:
        self.product, self.scheme = product, scheme
        wanted = {
            "name": f"{scheme} {uuid.uuid4().hex[:6]}",
            "scheme": scheme,
            "mapping": json.dumps(MAPPING),
        }
        made = subprocess.run(
            [sys.executable, "-c", _MAKE], input=json.dumps([wanted, SECRETS[scheme]]), cwd=ROOT, check=True, text=True,
            capture_output=True, timeout=240,
            env={**product.environment, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )  # fmt: skip
        self.path = f"/v1/hooks/{made.stdout.strip()}"
        # Web processes look for what is new once a second.
        eventually(lambda: self.deliver(b"[]", {}).status != 404)

    def headers(self, name: str, body: bytes, *, at: float) -> dict[str, str]:
        """What proves the delivery of this name."""
        stamp = str(int(at))
        if self.scheme == "standard":
            signature = b64encode(hmac.digest(KEY, f"{name}.{stamp}.".encode() + body, "sha256")).decode()
            return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
        if self.scheme == "stripe":
            signature = hmac.new(KEY, f"{stamp}.".encode() + body, "sha256").hexdigest()
            return {"stripe-signature": f"t={stamp},v1={signature}"}
        return {"x-hub-signature-256": "sha256=" + hmac.new(KEY, body, "sha256").hexdigest()}

    def deliver(self, body: bytes, headers: dict[str, str]) -> Answer:
        return self.product.server.request("POST", self.path, body, headers)

    def hang_up(self, body: bytes, headers: dict[str, str]) -> None:
        """Deliver it, and be gone before the answer."""
        lines = [f"POST {self.path} HTTP/1.1", "host: localhost", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.product.server.port), timeout=10) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


@pytest.fixture(scope="module", params=["standard", "stripe", "github"])
def sender(request: pytest.FixtureRequest, product: Product) -> Sender:
    return Sender(product, request.param)


def payload(customer: str, amount: float) -> bytes:
    return json.dumps({"customer": customer, "amount": amount, "order": uuid.uuid4().hex}).encode()


def _copies(product: Product, customer: str) -> int:
    """How many records of the log tell of the customer; other tests leave some there that are no events."""
    records = LogView(product.database.conninfo).records("events.")
    return sum(customer.encode() in (record.value or b"") for record in records)


def test_what_is_delivered_again_counts_once(product: Product, sender: Sender) -> None:
    customer, name = f"buyer-{uuid.uuid4().hex[:10]}", f"msg_{uuid.uuid4().hex}"
    body, other = payload(customer, 9.5), payload(customer, 20)
    headers = sender.headers(name, body, at=time.time())

    sender.hang_up(body, headers)
    with ThreadPoolExecutor(4) as pool:  # the same request, several at once
        answers = list(pool.map(lambda _: sender.deliver(body, headers), range(4)))
    answers.append(sender.deliver(body, sender.headers(name, body, at=time.time() + 1)))  # signed anew
    answers.append(sender.deliver(other, sender.headers(f"{name}-2", other, at=time.time())))

    assert {answer.status for answer in answers} == {200}
    assert _copies(product, customer) >= 6, "each delivery is durable before it is answered"
    # Both are in one partition, in this order: with the second the first and all of its copies were seen.
    eventually(lambda: (20,) in product.rows(_ORDERS, customer), seconds=60)
    assert sorted(product.rows(_ORDERS, customer)) == [(9.5,), (20,)]
    assert product.rows(_COUNTED, customer) == [(1, 2)], "one person, two orders"


def test_a_delivery_that_is_replayed_when_its_time_is_over_is_refused(sender: Sender) -> None:
    customer = f"buyer-{uuid.uuid4().hex[:10]}"
    body = payload(customer, 1)
    answers = [
        sender.deliver(body, sender.headers(customer, body, at=time.time() + off)) for off in (-310, 310)
    ]
    told = [(each.status, each.json.get("code")) for each in answers]
    # GitHub signs no time: what is replayed is the same message, which has its effect once.
    assert told == [(200, None)] * 2 if sender.scheme == "github" else [(401, "old_signature")] * 2
