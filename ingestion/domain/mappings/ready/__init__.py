"""Ready mappings for what many senders send: each a JSON document here, to begin with and to change."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ReadyMapping:
    """A mapping to begin with. `scheme` and `headers` are those of the sender; `document` is its text."""

    key: str
    title: str
    about: str
    scheme: str
    headers: tuple[str, ...]
    document: str


@lru_cache(maxsize=1)
def ready_mappings() -> dict[str, ReadyMapping]:
    """All of them by key, by title."""
    found = [_read(path) for path in _HERE.glob("*.json")]
    return {each.key: each for each in sorted(found, key=lambda each: each.title)}


def _read(path: Path) -> ReadyMapping:
    stored = json.loads(path.read_text())
    document = json.dumps(stored["mapping"], indent=2, ensure_ascii=False)
    return ReadyMapping(
        path.stem,
        stored["title"],
        stored["about"],
        stored["scheme"],
        tuple(stored.get("headers", ())),
        document,
    )
