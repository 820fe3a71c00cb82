"""Whoever attacks, or is attacked."""

from tests.compliance.admin.conftest import as_administrator, as_marketer

__all__ = ["as_administrator", "as_marketer"]
