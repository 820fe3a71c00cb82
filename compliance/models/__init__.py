"""Models of compliance."""

from compliance.models.api_token import ApiToken
from compliance.models.audit_entry import AuditEntry
from compliance.models.notice import Notice, NoticeMail, NoticeReceipt, NoticeSubscription
from compliance.models.purpose import Purpose
from compliance.models.role import Role
from compliance.models.suppressed_identifier import SuppressedIdentifier
from compliance.models.user import User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Notice",
    "NoticeMail",
    "NoticeReceipt",
    "NoticeSubscription",
    "Purpose",
    "Role",
    "SuppressedIdentifier",
    "User",
]
