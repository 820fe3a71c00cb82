"""What browser SDKs ask for before they send: where to send, and which integrations to load (none)."""

import re
from typing import Any

import orjson

from ingestion.collector.answers import Answer, answer
from ingestion.collector.head import Head, Scope
from ingestion.collector.keys import presented_keys, source_of
from ingestion.collector.service import CollectorService

_PROJECT = re.compile(r"/v1/projects/([A-Za-z0-9_-]{1,64})/settings/?")
_SOURCE_CONFIG = frozenset({"/sourceConfig", "/sourceConfig/"})
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_UNSHARED = [(b"cache-control", b"private, max-age=60"), (b"vary", b"host, x-forwarded-proto")]


def configured_key(path: str) -> str | None:
    """The key that stands in the path, "" when it stands elsewhere; None when the path asks for something else."""
    if path in _SOURCE_CONFIG:
        return ""
    project = _PROJECT.fullmatch(path)
    return project[1] if project else None


async def configure(service: CollectorService, scope: Scope, key: str) -> Answer:
    """Tell a browser SDK how to work with its key. Raises Refused."""
    head = Head(scope)
    keys = [key] if key else presented_keys(head.authorization, head.query)
    source_id = await source_of(keys, service.watch, service.loop)
    if key:
        return _project_settings(key, head.scheme, head.host)
    return _source_config(keys[0], source_id)


def _project_settings(key: str, scheme: str, host: str) -> Answer:
    # Segment's browser SDK sends its events back to where the settings came from.
    sending: dict[str, Any] = {"apiKey": key, "unbundledIntegrations": [], "addBundledMetadata": True}
    if _HOST.fullmatch(host):
        sending |= {"apiHost": f"{host}/v1", "protocol": scheme}
    content = {"integrations": {"Segment.io": sending}, "plan": {"track": {"__default": {"enabled": True}}}}
    return answer(200, orjson.dumps(content), extra=_UNSHARED)


def _source_config(key: str, source_id: int) -> Answer:
    off = {"enabled": False}
    source = {
        "id": str(source_id),
        "name": str(source_id),
        "writeKey": key,
        "enabled": True,
        "workspaceId": "headwater",
        "config": {"statsCollection": {"errors": off, "metrics": off}},
        "connections": [],
        "destinations": [],
    }
    return answer(200, orjson.dumps({"source": source}), extra=_UNSHARED)
