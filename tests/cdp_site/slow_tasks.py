"""A task that takes its time and notes that it began and ended."""

import os
import time
from pathlib import Path

from celery import shared_task


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def note(*, number: int) -> None:
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(f"begun {number}\n")
        notes.flush()
        time.sleep(0.4)  # the work
        notes.write(f"done {number}\n")
