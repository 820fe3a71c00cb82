"""The program that reads a spreadsheet, in a process of its own with little memory: `python -P FILE WORKBOOK ROWS`.

A spreadsheet is a zip archive of XML that has to be held in memory as a whole, and says of itself how large it is. So
it is read where running out of memory harms nobody. It is run by its path and imports nothing of ours.
Each row of the first sheet that has any becomes a JSON array on a line of its own, empty rows an empty array.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

MEMORY = 2 << 30
SECONDS = 600
MAX_ROWS_BYTES = 8 << 30
MAX_COLUMNS = 1000
_EXACT = 2**53
UNREADABLE, TOO_LARGE, MISSING = 3, 4, 5


def limit_myself() -> None:
    """Let this process end rather than take the memory, the time or the disk of others."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, MAX_ROWS_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def plain(value: Any) -> Any:
    """A cell as JSON has it: whole numbers without a point, times in ISO 8601, nothing for an empty cell."""
    if value.__class__ is str:
        return value or None
    if value.__class__ is float:
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else value


def main(workbook_path: str, rows_path: str) -> int:
    """Write the rows; what is wrong is said on standard error, and by the code that is returned."""
    try:
        from python_calamine import CalamineWorkbook  # noqa: PLC0415 -- it may be missing
    except ImportError:
        return MISSING
    limit_myself()
    try:
        workbook = CalamineWorkbook.from_path(workbook_path)
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.height:
                break
        else:
            sys.stderr.write("none of its sheets has any rows")
            return UNREADABLE
        if sheet.width > MAX_COLUMNS * 2:
            sys.stderr.write(f"it has {sheet.width:,} columns; at most {MAX_COLUMNS:,} can be imported")
            return UNREADABLE
        about = {"sheet": name, "sheets": len(workbook.sheet_names), "rows": sheet.height}
        sys.stdout.write(json.dumps(about))
        write(sheet, rows_path)
    except MemoryError:
        return TOO_LARGE
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with a file is said, and ends here
        sys.stderr.write(str(error)[:200])
        return UNREADABLE
    return 0


def write(sheet: Any, rows_path: str) -> None:
    """All rows, in their order, with the empty ones before the first that has cells."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
    with Path(rows_path).open("w", encoding="utf-8", errors="replace") as out:
        for row in sheet.iter_rows():
            cells = [plain(value) for value in row]
            while cells and cells[-1] is None:
                cells.pop()
            out.write(encode(cells))
            out.write("\n")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
