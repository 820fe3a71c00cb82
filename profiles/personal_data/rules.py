"""The rules of identity and how they change, field by field."""

from compliance.enums import Category
from compliance.stores import Store, table_store

RULES: tuple[Store, ...] = (
    table_store(
        "profiles_namespace",
        "Kinds of identifiers and their rules",
        "id key name level priority limit limit_days unique shareable normaliser paths"
        " blocked_patterns shared_patterns verified_paths content content_patterns",
        blocked_values=Category.UNCLASSIFIED,
    ),
    table_store(
        "profiles_lifecyclerule", "When a person is a customer", "id customer_events former_after_days"
    ),
    table_store("profiles_rulesversion", "How often rules were written", "id version"),
    table_store(
        "profiles_rulechange",
        "Changes of rules, and what their dry runs found",
        "id namespace state rules_version merges splits reviews people measured_at made_at applied_at"
        " done total cursor lease_owner lease_until failed",
        before=Category.UNCLASSIFIED,  # with the blocked values of then
        after=Category.UNCLASSIFIED,
        examples=Category.IDENTITY,
        made_by=Category.IDENTITY,
        applied_by=Category.IDENTITY,
    ),
    table_store(
        "profiles_blockproposal",
        "Values that link suspiciously many people",
        "identifier people links why state proposed_at decided_at",
        decided_by=Category.IDENTITY,
    ),
    table_store("profiles_degree", "How many links identifiers have", "identifier links measured_at"),
    table_store("profiles_degreemark", "Up to which evidence links are counted", "id evidence_id"),
    table_store("profiles_sourcegap", "That anchors do not know all of their sources", "id noted_at cursor"),
    table_store("profiles_sourcedoubt", "Anchors that lost a source just now", "id anchor_id"),
    table_store(
        "profiles_blockedhit",
        "How often blocked values come",
        "day namespace worker hits",
        value=Category.UNCLASSIFIED,
    ),
)
