"""What a sender is answered that tests the address before it uses it."""

import hmac
import re
from datetime import datetime
from urllib.parse import parse_qs

import orjson

from ingestion.domain.events import NotJson, parse_json
from ingestion.domain.webhooks.endpoint import Endpoint
from ingestion.domain.webhooks.schemes import Handshake
from ingestion.domain.webhooks.signatures import NotProven, crc_answer

_CHALLENGE = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_TEST, _LONGEST_TEST = b"url_verification", 2000


def posted_challenge(endpoint: Endpoint, body: bytes) -> bytes | None:
    """What a proven payload wants echoed, when it does nothing but test the address."""
    assert endpoint.scheme is not None, "an endpoint in trouble takes nothing"
    if endpoint.scheme.handshake is not Handshake.POSTED or len(body) > _LONGEST_TEST or _TEST not in body:
        return None
    try:
        document = parse_json(body)
    except NotJson:
        return None
    if not isinstance(document, dict) or document.get("type") != _TEST.decode():
        return None
    challenge = document.get("challenge")
    return challenge.encode() if isinstance(challenge, str) and _CHALLENGE.fullmatch(challenge) else None


def handshake(endpoint: Endpoint, query: bytes, *, now: datetime) -> tuple[bytes, bytes]:
    """The content and its type. Raises NotProven.

    Only what is made of harmless characters is echoed, as plain text, and only to who knows the verify token.
    """
    assert endpoint.scheme is not None, "an endpoint in trouble takes nothing"
    fields = {
        name: values[0] for name, values in parse_qs(query.decode("latin-1"), max_num_fields=20).items()
    }
    if endpoint.scheme.handshake is Handshake.HUB and "hub.challenge" in fields:
        token, challenge = fields.get("hub.verify_token", ""), fields["hub.challenge"]
        known = endpoint.verify_token
        if not known or not hmac.compare_digest(token.encode(), known.encode()):
            raise NotProven("wrong_verify_token", "hub.verify_token is not the verify token of this webhook")
        if not _CHALLENGE.fullmatch(challenge):
            raise NotProven("bad_challenge", "hub.challenge should be a short text of letters and digits")
        return challenge.encode(), b"text/plain; charset=utf-8"
    if endpoint.scheme.handshake is Handshake.CRC and _CHALLENGE.fullmatch(fields.get("crc_token", "")):
        answer = {"response_token": crc_answer(endpoint.secrets(now)[0], fields["crc_token"])}
        return orjson.dumps(answer), b"application/json"
    return b'{"success":true}', b"application/json"
