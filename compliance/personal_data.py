"""Where compliance itself keeps personal data, and where streaming, which knows no other app, does."""

from compliance.enums import Category
from compliance.stores import Store, register_store

_STORES = (
    Store(
        name="compliance.user",
        description="Members of staff",
        location="table:compliance_user",
        fields={
            **dict.fromkeys(
                ("id", "password", "last_login", "is_superuser", "is_staff", "is_active", "date_joined"), None
            ),
            "username": Category.IDENTITY,
            "first_name": Category.IDENTITY,
            "last_name": Category.IDENTITY,
            "email": Category.CONTACT,
        },
    ),
    Store(
        name="compliance.role",
        description="Roles",
        location="table:compliance_role",
        fields=dict.fromkeys(("id", "group", "description", "operations", "categories"), None),
    ),
    Store(
        name="compliance.api_token",
        description="API tokens",
        location="table:compliance_apitoken",
        fields={
            **dict.fromkeys(
                ("id", "name", "hash", "prefix", "scopes", "categories", "purpose", "created_at", "expires_at",
                 "last_used_at", "revoked_at"), None,
            ),
            "created_by": Category.IDENTITY,
        },
    ),
    Store(
        name="compliance.audit_entry",
        description="The audit trail; people stand in it as keyed pseudonyms",
        location="table:compliance_auditentry",
        fields={
            **dict.fromkeys(
                ("id", "at", "actor_kind", "action", "target", "categories", "purpose", "sealed_seq", "sealed_hash"),
                None,
            ),
            "actor": Category.IDENTITY,
            "address": Category.CONTACT,
            "subjects": Category.IDENTITY,
            "detail": Category.BEHAVIOUR,
        },
    ),
    Store(
        name="compliance.purpose",
        description="Purposes",
        location="table:compliance_purpose",
        fields=dict.fromkeys(("id", "key", "name", "needs_consent", "aliases"), None),
    ),
    Store(
        name="compliance.suppressed_identifier",
        description="Suppressed identifiers, as keyed hashes",
        location="table:compliance_suppressedidentifier",
        fields={
            **dict.fromkeys(("id", "namespace", "key", "reason", "at"), None),
            "hash": Category.IDENTITY,
            "by": Category.IDENTITY,
        },
    ),
)  # fmt: skip


def register_stores() -> None:
    """Make them known."""
    for store in _STORES:
        register_store(store)
