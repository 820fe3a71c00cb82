"""Where compliance keeps personal data, and where streaming and the packages, which know nothing of it, do."""

from compliance.personal_data.own import OWN
from compliance.personal_data.packages import OF_PACKAGES
from compliance.personal_data.pipeline import OF_STREAMING
from compliance.stores import register_store


def register_stores() -> None:
    """Make them known."""
    for store in (*OWN, *OF_STREAMING, *OF_PACKAGES):
        register_store(store)
