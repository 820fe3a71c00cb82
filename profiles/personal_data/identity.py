"""Identifiers, who belongs to whom, and why, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store

_IDENTITY, _BEHAVIOUR = Category.IDENTITY, Category.BEHAVIOUR

IDENTITY: tuple[Store, ...] = (
    table_store(
        "profiles_identifier",
        "Identifiers of people and devices",
        "id namespace profile shared present",
        value=Category.UNCLASSIFIED,
        first_seen=_BEHAVIOUR,
    ),
    table_store(
        "profiles_evidence",
        "Which identifiers were seen together",
        "id key a b rule source_id import_id state refused_by via place decided_at withdrawn_at",
        event_time=_BEHAVIOUR,
        message_id=_BEHAVIOUR,
        decided_by=_IDENTITY,
        withdrawn_by=_IDENTITY,
        withdrawn_why=Category.UNCLASSIFIED,
    ),
    table_store(
        "profiles_merge",
        "Which people became one, and why",
        "id evidence merged_at cause change_id",
        source=_IDENTITY,
        target=_IDENTITY,
        decided_by=_IDENTITY,
    ),
    table_store(
        "profiles_split",
        "Which people were taken apart, and why",
        "id anchors evidence split_at cause change_id",
        source=_IDENTITY,
        target=_IDENTITY,
        decided_by=_IDENTITY,
        why=Category.UNCLASSIFIED,
    ),
    table_store(
        "profiles_cluster",
        "People kept apart by a refused link, and the job that decides them anew",
        "id edges decisions last_rank last_priority last_source due_at why done total lease_owner lease_until failed",
        last_time=_BEHAVIOUR,
        last_message=_BEHAVIOUR,
    ),
    table_store(
        "profiles_review",
        "What reviewers said of links",
        "evidence decision decision_id until at",
        by=_IDENTITY,
        note=Category.UNCLASSIFIED,
    ),
    table_store(
        "profiles_handover",
        "Which identifiers were given to another person, and when",
        "id namespace day former_id holder_id state made_at taken_back_at lease_owner lease_until",
        value=Category.UNCLASSIFIED,
        label=Category.UNCLASSIFIED,
        made_by=_IDENTITY,
        taken_back_by=_IDENTITY,
        why=Category.UNCLASSIFIED,
        cursor=_IDENTITY,
    ),
    table_store(
        "profiles_household",
        "Groups, households and shared values, with their traits",
        "identifier version",
        public_id=_IDENTITY,
        traits=Category.UNCLASSIFIED,
        provenance=Category.UNCLASSIFIED,
    ),
    table_store(
        "profiles_group_trait_version",
        "The newest value of each trait of a group from each source",
        "identifier source_id import_id",
        key=_BEHAVIOUR,
        value=Category.UNCLASSIFIED,
        timestamp=_BEHAVIOUR,
        message_id=_BEHAVIOUR,
        purposes=_BEHAVIOUR,
    ),
)
