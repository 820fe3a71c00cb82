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
    table_store(
        "compliance_usersession",
        "Where members of staff are signed in; deleted when a session ends",
        "id user key_hash started_at seen_at expires_at proved_at second_factor_at",
        address=Category.CONTACT,
        browser=Category.BEHAVIOUR,
    ),
    table_store(
        "compliance_knownplace",
        "From which networks members of staff signed in within 90 days, by keyed hash of their name",
        "id seen_at",
        name=Category.IDENTITY,
        place=Category.CONTACT,
    ),
    table_store(
        "compliance_localaccount",
        "Since when users have their passwords, and which are break-glass accounts",
        "user password_set_at must_change_password is_break_glass break_glass_used_at",
    ),
    table_store("compliance_formerpassword", "Hashes of former passwords of users", "id user hash at"),
    table_store(
        "compliance_authenticator",
        "Apps with codes of users; their secrets are encrypted",
        "id user name confirmed throttling_failure_timestamp throttling_failure_count secret last_step drift set_up_at",
    ),
    table_store("compliance_recoverycode", "Recovery codes of users, as keyed hashes", "id user hash"),
    table_store(
        "compliance_role",
        "Roles",
        "id group requires_second_factor description operations categories hashed hidden purposes all_sources",
    ),
    table_store(
        "compliance_apitoken",
        "API tokens",
        "id name hash prefix scopes categories hashed hidden sources purpose created_at expires_at last_used_at revoked_at",
        created_by=Category.IDENTITY,
    ),
    table_store(
        "compliance_approval",
        "What somebody asked a second person for; ids and pseudonyms",
        "id kind digest target link asked_at expires_at state decided_at use_until used_at",
        payload=Category.IDENTITY,
        why=Category.UNCLASSIFIED,
        decided_why=Category.UNCLASSIFIED,
        asker=Category.IDENTITY,
        asked_by=Category.IDENTITY,
        behind=Category.IDENTITY,
        decided_by=Category.IDENTITY,
    ),
    table_store("compliance_approvalpolicy", "What takes a second person", "id kinds"),
    table_store(
        "compliance_auditentry",
        "The audit trail; people stand in it as keyed pseudonyms",
        "id at actor_kind action target categories purpose sealed_seq sealed_hash",
        actor=Category.IDENTITY,
        address=Category.CONTACT,
        subjects=Category.IDENTITY,
        detail=Category.BEHAVIOUR,
    ),
    table_store(
        "compliance_directorymapping", "Which group of the directory has which role", "id group key role"
    ),
    table_store(
        "compliance_directoryaccount",
        "Which account of a member of staff is which entry of the directory",
        "id user seen_at left_at left_because",
        entry_id=Category.IDENTITY,
    ),
    table_store(
        "compliance_directorysync",
        "How following the directory stands",
        "id ran_at succeeded_at failed_runs trouble held known",
    ),
    table_store(
        "compliance_accesswatch",
        "What counts as unusual access; people looked after closely stand in it as keyed pseudonyms",
        "id people_an_hour opens_at closes_at weekends_are_unusual times_usual usual_from token_people_an_hour "
        "tokens_keep_hours seen_seq",
        vips=Category.IDENTITY,
    ),
    table_store(
        "compliance_accessday",
        "How many people members of staff and programs saw in the busiest hour of a day, for five weeks",
        "id actor_kind day",
        actor=Category.IDENTITY,
        people=Category.BEHAVIOUR,
    ),
    table_store(
        "compliance_purpose",
        "Purposes",
        "id key name description legal_basis objection_is_absolute needs_consent aliases",
    ),
    table_store("compliance_purposetext", "Texts that people are shown", "id purpose version text since"),
    table_store(
        "compliance_suppressedidentifier",
        "Suppressed identifiers, as keyed hashes",
        "id namespace key reason at together",
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
