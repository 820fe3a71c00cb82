"""The addresses of the collector."""

from typing import NamedTuple

from ingestion.collector.limits import MAX_IMPORT_BYTES, MAX_REQUEST_BYTES

PREFIXES = ("/v1/", "/pixel/", "/beacon/", "/sourceConfig")


class Route(NamedTuple):
    """An address that takes events: of one `type`, or a batch of any when that is None."""

    type: str | None
    limit: int = MAX_REQUEST_BYTES


_TYPES = ("identify", "track", "page", "screen", "group", "alias")
_PATHS = {
    **{f"/v1/{name}": Route(name) for name in _TYPES},
    **{f"/v1/{name[0]}": Route(name) for name in _TYPES},
    "/v1/batch": Route(None),
    "/v1/b": Route(None),
    "/v1/import": Route(None, MAX_IMPORT_BYTES),
    "/beacon/v1/batch": Route(None),
}
ROUTES = _PATHS | {f"{path}/": route for path, route in _PATHS.items()}


def is_collector(path: str) -> bool:
    """Whether the collector answers this path, rather than Django."""
    return path in ROUTES or path.startswith(PREFIXES)
