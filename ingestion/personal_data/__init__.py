"""Where ingestion keeps personal data, field by field (None: not personal)."""

from compliance.stores import register_store
from ingestion.personal_data.catalogue import CATALOGUE
from ingestion.personal_data.collector import COLLECTOR
from ingestion.personal_data.connections import CONNECTIONS
from ingestion.personal_data.imports import IMPORTS


def register_stores() -> None:
    """Make them known to compliance."""
    for store in (*COLLECTOR, *IMPORTS, *CONNECTIONS, *CATALOGUE):
        register_store(store)
