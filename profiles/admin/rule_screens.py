"""The screens of the rules of identity, and of how identity is."""

from compliance.enums import Operation
from profiles.admin import health, namespaces, rule_changes
from streaming.screens import Screen

_VIEW, _RULES = Operation.PEOPLE_VIEW.value, Operation.IDENTITY_RULES.value
_HEALTH, _CHANGE = "identity/health/", "identity/changes/<int:change_id>/"
_VALUE = _HEALTH + "values/<int:identifier_id>/"

RULE_SCREENS = (
    Screen(_HEALTH, "identity_health", health.page, _VIEW, "Identity health", "People", "monitor_heart", 40),
    Screen(_VALUE + "block/", "identity_block", health.block, _RULES),
    Screen(_VALUE + "keep/", "identity_keep", health.keep, _RULES),
    Screen(_HEALTH + "unblock/", "identity_unblock", health.unblock, _RULES),
    Screen(_HEALTH + "recompute/", "identity_recompute", health.recompute, _RULES),
    Screen("identity/namespaces/", "namespaces", namespaces.listing, _RULES, "Namespaces", "People", "fingerprint", 50),
    Screen("identity/namespaces/<slug:key>/", "namespace", namespaces.namespace, _RULES),
    Screen("identity/changes/", "rule_changes", rule_changes.listing, _RULES),
    Screen(_CHANGE, "rule_change", rule_changes.change, _RULES),
    Screen(_CHANGE + "apply/", "rule_change_apply", rule_changes.apply, _RULES),
    Screen(_CHANGE + "cancel/", "rule_change_cancel", rule_changes.cancel, _RULES),
    Screen(_CHANGE + "again/", "rule_change_again", rule_changes.again, _RULES),
)  # fmt: skip
