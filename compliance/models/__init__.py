"""Models of compliance."""

from compliance.models.user import User

__all__ = ["User"]
