"""What the demo remembers from run to run: when the shop opened, and whether its history was sent."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

NAME = "demo_traffic.json"


@dataclass(frozen=True, slots=True)
class Marker:
    """The history ends at `opened_at`; each run has a number, from which its live traffic is made."""

    opened_at: str
    history_sent: bool = False
    runs: int = 0

    @property
    def opened(self) -> datetime:
        """When the shop's history ends."""
        return datetime.fromisoformat(self.opened_at)


def begin_run(home: Path, *, now: datetime) -> Marker:
    """Count a run; the first one opens the shop."""
    known = _known(home) or Marker(now.isoformat())
    return _kept(home / NAME, replace(known, runs=known.runs + 1))


def has_sent_history(home: Path) -> bool:
    """Whether the whole history was acknowledged, in this run or a former one."""
    known = _known(home)
    return known is not None and known.history_sent


def history_is_sent(home: Path, marker: Marker) -> Marker:
    """Remember that the whole history was acknowledged."""
    return _kept(home / NAME, replace(marker, history_sent=True))


def _known(home: Path) -> Marker | None:
    path = home / NAME
    return Marker(**json.loads(path.read_bytes())) if path.exists() else None


def _kept(path: Path, marker: Marker) -> Marker:
    written = path.with_suffix(".new")
    written.write_text(json.dumps(asdict(marker)))
    written.replace(path)
    return marker
