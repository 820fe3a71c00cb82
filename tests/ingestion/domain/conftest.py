"""Sources and actors for the tests of the domain."""

from datetime import UTC, datetime

import pytest

from compliance.access import Actor
from ingestion.domain.sources import create_source
from ingestion.models import Source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = Actor.system("test")


@pytest.fixture
def source(db) -> Source:
    return create_source(name="web", by=BY, now=NOW, write_key="WEBKEY1")
