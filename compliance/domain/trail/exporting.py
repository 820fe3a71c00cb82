"""The audit trail as a file: CSV or JSON Lines, with its hash, which the trail keeps too."""

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple
from uuid import UUID

import orjson

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import Wish
from compliance.domain.approvals.using import use_or_ask
from compliance.domain.trail.rows import TrailRow, Wanted, page_of_trail
from compliance.domain.trail.searching import MAX_PAGE, Search, wanted_rows
from compliance.enums import Operation

FORMS = ("csv", "jsonl")
MOST_ROWS = 100_000
LONGEST_S = 60.0  # of looking: what is rare may stand anywhere in many millions of rows, and somebody waits
Told = Callable[[TrailRow], str]
_COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor",
    "address",
    "action",
    "told",
    "target",
    "categories",
    "purpose",
    "detail",
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\0")


@dataclass(frozen=True, slots=True)
class TrailFile:
    """A file that is complete, at its beginning. `is_cut` says that older rows were not looked at: there may be more."""

    content: IO[bytes]
    rows: int
    sha256: str
    is_cut: bool


def export_trail(actor: Actor, search: Search, *, form: str, told: Told, now: datetime) -> TrailFile:
    """The newest MOST_ROWS of what the search finds within LONGEST_S; `told` says a row in words.

    Raises AccessDenied, ValueError.

    It is kept in the trail, with rows and hash, before the file is given. Where that takes a second person, it is given
    once for what somebody has approved. Raises ApprovalNeeded.
    """
    require(actor, Operation.AUDIT_VIEW)
    if form not in FORMS:
        raise ValueError(f"the trail is exported as one of {', '.join(FORMS)}")
    wanted, subjects = wanted_rows(actor, search)
    use_or_ask(_wish(wanted, search.told(), form), by=actor, now=now)
    return _file(actor, wanted, search.told(), subjects, form=form, told=told)


def export_approved(actor: Actor, payload: Mapping[str, Any], *, told: Told, now: datetime) -> TrailFile:
    """What was asked for and approved, as it was asked for. Raises ApprovalNeeded, AccessDenied."""
    require(actor, Operation.AUDIT_VIEW)
    said, form = payload["search"], payload["form"]
    criteria = {name: said.get(name, "") for name in ("by", "action", "category", "purpose")}
    since, until = (
        datetime.fromisoformat(said[each]) if each in said else None for each in ("since", "until")
    )
    subjects = payload["subjects"]
    pseudonyms = None if subjects is None else tuple(map(UUID, subjects))
    wanted = Wanted(**criteria, since=since, until=until, subjects=pseudonyms)
    use_or_ask(_wish(wanted, said, form), by=actor, now=now)
    return _file(actor, wanted, said, [], form=form, told=told)


def _wish(wanted: Wanted, said: Mapping[str, Any], form: str) -> Wish:
    """The export for a second person: the person who is searched for stands in it as pseudonyms."""
    words = ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in said.items() if value is not True
    )
    of_a_person = " of a person" if "of_a_person" in said else ""
    target = f"Export of the audit trail{of_a_person}{f': {words}' if words else ''}"
    subjects = None if wanted.subjects is None else sorted(map(str, wanted.subjects))
    return Wish(ApprovalKind.EXPORT_TRAIL, target, {"search": dict(said), "form": form, "subjects": subjects})


def _file(
    actor: Actor, wanted: Wanted, said: Mapping[str, Any], subjects: Sequence[str], *, form: str, told: Told
) -> TrailFile:
    with ExitStack() as failing:
        content = failing.enter_context(TemporaryFile())
        digest, rows, is_cut = sha256(), 0, False
        for part in _parts(wanted, form, told):
            content.write(part.lines)
            digest.update(part.lines)
            rows, is_cut = rows + part.rows, part.is_cut
        detail = {**said, "form": form, "rows": rows, "sha256": digest.hexdigest(), "cut": is_cut}
        record_read(actor, action="audit.export", subjects=subjects[:1], detail=detail)
        content.seek(0)
        failing.pop_all()  # it is the caller's now, who closes it
    return TrailFile(content, rows, digest.hexdigest(), is_cut)


class _Part(NamedTuple):
    """Some lines of the file; `is_cut` says that the last ones leave rows out."""

    lines: bytes
    rows: int
    is_cut: bool = False


def _parts(wanted: Wanted, form: str, told: Told) -> Iterator[_Part]:
    if form == "csv":
        yield _Part(_csv_line(_COLUMNS), 0)
    rows, before, until = 0, None, time.monotonic() + LONGEST_S
    while True:
        page = page_of_trail(wanted, before=before, limit=min(MAX_PAGE, MOST_ROWS - rows))
        rows, before = rows + len(page.rows), page.next
        lines = b"".join(_line(row, told(row), form) for row in page.rows)
        is_cut = before is not None and (rows >= MOST_ROWS or time.monotonic() > until)
        yield _Part(lines, len(page.rows), is_cut)
        if before is None or is_cut:
            return


def _line(row: TrailRow, told: str, form: str) -> bytes:
    values = {**asdict(row), "told": told, "at": row.at.isoformat()}
    if form == "jsonl":
        return orjson.dumps({name: values[name] for name in _COLUMNS}) + b"\n"
    texts = {**values, "categories": " ".join(row.categories), "detail": orjson.dumps(row.detail).decode()}
    return _csv_line(str(texts[name]) for name in _COLUMNS)


def _csv_line(values: Iterable[str]) -> bytes:
    """A line in which no cell is a formula for whoever opens it in a spreadsheet."""
    line = io.StringIO()
    csv.writer(line).writerow(f"'{value}" if value.startswith(_FORMULAS) else value for value in values)
    return line.getvalue().encode()
