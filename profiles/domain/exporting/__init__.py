"""Giving a person all that is kept of them, as GDPR Art. 15 and 20 have it: one JSON file, written while it is read."""

from profiles.domain.exporting.export import Export, ForeseenExport, export_person, foresee_export

__all__ = ["Export", "ForeseenExport", "export_person", "foresee_export"]
