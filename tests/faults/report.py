"""docs/faults.md and its pictures, from the records of a run of the suite."""

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from tests.faults.matrix import MATRIX
from tests.faults.record import Record
from tests.faults.timeline import timeline

_HEAD = """# What Headwater survives, as measured

`make faults` writes this page. Each run starts the real processes, sends events over HTTP from a generator that notes
every acknowledged message id, injects the fault, heals it, drains, and compares: everything acknowledged is stored, a
dead letter or of a suppressed person; nothing has two effects; people, their traits and counters equal those computed
from the generator's notes alone. A run that does not hold stands here as it is.

- **Lost** and **doubled** count events. Row 16 destroys records on purpose, and says how many.
- **Unanswered** counts requests that got no 200, which clients send again.
- **Gap** is the longest time between two acknowledgements in a run, **recovery** the time from the end of the fault
  until everything acknowledged by then was applied; of several runs, the longest. A consumer that a test starts again
  only at the end counts from the fault all the same.
- Kafka is a cluster of three brokers. Everything ran on one machine, several runs at a time, so times are upper bounds.
"""


def write_report(records: Sequence[Record], *, page: Path, pictures: Path) -> None:
    """Write the page, and one picture for each row and place: that of its slowest recovery."""
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.svg"):
        old.unlink()
    for record in records:
        if record.samples:
            (pictures / f"{slug(record)}.svg").write_text(timeline(record))
    page.write_text(render(records, folder=pictures.name))


def render(records: Sequence[Record], *, folder: str) -> str:
    """The page's text."""
    held = sum(record.held for record in records)
    lines = [_HEAD, f"**{held} of {len(records)} runs held.**", "", *_summary(records), ""]
    missing = [number for number in MATRIX if not any(record.row == number for record in records)]
    if missing:
        lines += [f"Without a run: {', '.join(f'row {number}' for number in missing)}.", ""]
    for number, of_row in groupby(records, key=lambda record: record.row):
        lines += _section(number, list(of_row), folder)
    return "\n".join(lines).rstrip() + "\n"


def slug(record: Record) -> str:
    """The run as a file's name."""
    text = f"{record.row:02d}-{record.place}-{record.name.removeprefix('test_')}"
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _summary(records: Sequence[Record]) -> list[str]:
    rows = [
        (
            "| Row | Fault | Log | Runs | Acknowledged | Lost | Doubled | Dead letters | Profiles equal | Gap | Recovery"
            " | Held |"
        ),
        "|--:|---|---|--:|--:|--:|--:|--:|---|--:|--:|---|",
    ]
    for (number, place), group in groupby(records, key=lambda record: (record.row, record.place)):
        runs = list(group)
        equal = _equal([run.profiles_equal for run in runs])
        held = sum(run.held for run in runs)
        rows.append(
            f"| {number} | {MATRIX[number].fault} | {place} | {len(runs)} | {_sum(runs, 'acknowledged')}"
            f" | {_sum(runs, 'lost')} | {_sum(runs, 'doubled')} | {_sum(runs, 'letters')} | {equal}"
            f" | {_longest(run.gap for run in runs)} | {_longest(run.recovery for run in runs)}"
            f" | {'yes' if held == len(runs) else f'**no** ({held} of {len(runs)})'} |"
        )
    return rows


def _section(number: int, runs: Sequence[Record], folder: str) -> list[str]:
    lines = [f"## {number}. {MATRIX[number].fault}", "", f"Expected: {MATRIX[number].expected}.", ""]
    for run in runs:
        told = "held" if run.held else "**did not hold**"
        note = f" {run.note}." if run.note else ""
        lines += [
            (
                f"**{_title(run)}** on {run.place}: {told}. {run.acknowledged:,} acknowledged, {run.stored:,} stored,"
                f" {run.suppressed:,} suppressed, {run.letters:,} dead letters, {run.lost:,} lost, {run.doubled:,} doubled,"
                f" {run.refused:,} requests unanswered; gap {_longest([run.gap])}, recovery {_longest([run.recovery])}.{note}"
            ),
            "",
        ]
        if run.samples:
            lines += [f"![Timeline: {_title(run)} on {run.place}]({folder}/{slug(run)}.svg)", ""]
    return lines


def _title(run: Record) -> str:
    name, _, parameters = run.name.removeprefix("test_").partition("[")
    shown = [each for each in parameters.rstrip("]").split("-") if each not in ("kafka", "postgres", "")]
    return name.replace("_", " ").capitalize() + (f" ({', '.join(shown)})" if shown else "")


def _equal(runs: Sequence[bool | None]) -> str:
    """None: the run failed before anybody compared."""
    return "no" if False in runs else "not compared" if None in runs else "yes"


def _sum(runs: Sequence[Record], field: str) -> str:
    return f"{sum(getattr(run, field) for run in runs):,}"


def _longest(seconds: object) -> str:
    known = [each for each in seconds if each is not None]  # type: ignore[attr-defined]
    return f"{max(known):.1f} s" if known else "–"
