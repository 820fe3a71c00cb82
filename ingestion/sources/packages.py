"""Packages that not every installation has."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.sources.contract import SourceRefused


@contextmanager
def needed(package: str, *, by: str) -> Iterator[None]:
    """Around imports that need the package. Raises SourceRefused saying how to get it when it is not there."""
    try:
        yield
    except ImportError:
        raise SourceRefused(f"{by} need the package {package}: install requirements/sources.txt.") from None
