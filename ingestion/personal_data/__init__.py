"""Where ingestion keeps personal data, field by field (None: not personal)."""

from compliance.erasers import register_eraser
from compliance.stores import register_store
from ingestion.personal_data.catalogue import CATALOGUE
from ingestion.personal_data.collector import COLLECTOR
from ingestion.personal_data.connections import CONNECTIONS
from ingestion.personal_data.imports import IMPORTS


def register_stores() -> None:
    """Make them known to compliance."""
    for store in (*COLLECTOR, *IMPORTS, *CONNECTIONS, *CATALOGUE):
        register_store(store)


def register_erasers() -> None:
    """Say who takes people out of them."""
    from ingestion.domain.quarantine import erasing  # noqa: PLC0415 -- needs the app registry

    register_eraser(erasing.STORE, erasing.erase)
