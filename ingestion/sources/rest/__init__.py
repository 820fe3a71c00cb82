"""REST APIs: JSON over HTTP, page by page."""

from ingestion.sources.rest.kind import RestSource

__all__ = ["RestSource"]
