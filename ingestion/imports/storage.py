"""Where uploaded files lie, and the rows of spreadsheets: under random names that only Headwater reads."""

import secrets
from pathlib import Path

from django.conf import settings


def uploads_directory() -> Path:
    """Where uploads lie; only the owner may look."""
    directory = Path(settings.HEADWATER_HOME) / "uploads"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def fresh_place() -> Path:
    """A path among the uploads that nothing has."""
    return uploads_directory().resolve() / secrets.token_hex(16)
