"""Compliance's own tables, field by field (None: not personal)."""

from compliance.enums import Category
from compliance.stores import table_store

OWN = (
    table_store(
        "compliance_user",
        "Members of staff",
        "id password last_login is_superuser is_staff is_active date_joined",
        username=Category.IDENTITY,
        first_name=Category.IDENTITY,
        last_name=Category.IDENTITY,
        email=Category.CONTACT,
    ),
    table_store("compliance_user_groups", "Groups of members of staff", "id user group"),
    table_store("compliance_user_user_permissions", "Permissions of members of staff", "id user permission"),
    table_store("compliance_role", "Roles", "id group description operations categories"),
    table_store(
        "compliance_apitoken",
        "API tokens",
        "id name hash prefix scopes categories purpose created_at expires_at last_used_at revoked_at",
        created_by=Category.IDENTITY,
    ),
    table_store(
        "compliance_auditentry",
        "The audit trail; people stand in it as keyed pseudonyms",
        "id at actor_kind action target categories purpose sealed_seq sealed_hash",
        actor=Category.IDENTITY,
        address=Category.CONTACT,
        subjects=Category.IDENTITY,
        detail=Category.BEHAVIOUR,
    ),
    table_store("compliance_purpose", "Purposes", "id key name needs_consent aliases"),
    table_store(
        "compliance_suppressedidentifier",
        "Suppressed identifiers, as keyed hashes",
        "id namespace key reason at",
        hash=Category.IDENTITY,
        by=Category.IDENTITY,
    ),
    table_store(
        "compliance_notice",
        "What staff were told; identifiers of customers are masked in it",
        "id kind key subject body link began_at told_at reminded_at ended_at",
    ),
    table_store(
        "compliance_noticereceipt",
        "What stands in the inbox of each member of staff",
        "id notice user channel mail at read_at snoozed_until",
    ),
    table_store(
        "compliance_noticemail",
        "E-mails to members of staff, without their texts",
        "id user message_id is_digest state made_at next_at attempts trouble sent_at",
    ),
    table_store(
        "compliance_noticesubscription",
        "How notices reach members of staff",
        "id kind user role channel",
    ),
)
