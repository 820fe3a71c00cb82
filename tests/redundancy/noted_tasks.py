"""Tasks that note in a file what they did, for tests that look at it from outside."""

import os
import time
from pathlib import Path
from typing import Any

from celery import shared_task


@shared_task(bind=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def note_run(self: Any) -> None:
    _note(f"run {self.request.periodic_run_number}")


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def take_a_while(*, number: int, seconds: float) -> None:
    _note(f"begun {number}")
    time.sleep(seconds)  # the work
    _note(f"done {number}")


def _note(line: str) -> None:
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(f"{line}\n")
