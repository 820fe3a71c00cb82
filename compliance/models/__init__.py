"""Models of compliance."""

from compliance.models.access_watch import AccessDay, AccessWatch
from compliance.models.api_token import ApiToken
from compliance.models.approval import Approval, ApprovalPolicy
from compliance.models.audit_entry import AuditEntry
from compliance.models.directory import DirectoryAccount, DirectoryMapping, DirectorySync
from compliance.models.known_place import KnownPlace
from compliance.models.local_account import FormerPassword, LocalAccount
from compliance.models.notice import Notice, NoticeMail, NoticeReceipt, NoticeSubscription
from compliance.models.purpose import Purpose, PurposeText
from compliance.models.role import Role
from compliance.models.second_factor import Authenticator, RecoveryCode
from compliance.models.suppressed_identifier import SuppressedIdentifier
from compliance.models.user import User
from compliance.models.user_session import UserSession

__all__ = [
    "AccessDay",
    "AccessWatch",
    "ApiToken",
    "Approval",
    "ApprovalPolicy",
    "AuditEntry",
    "Authenticator",
    "DirectoryAccount",
    "DirectoryMapping",
    "DirectorySync",
    "FormerPassword",
    "KnownPlace",
    "LocalAccount",
    "Notice",
    "NoticeMail",
    "NoticeReceipt",
    "NoticeSubscription",
    "Purpose",
    "PurposeText",
    "RecoveryCode",
    "Role",
    "SuppressedIdentifier",
    "User",
    "UserSession",
]
