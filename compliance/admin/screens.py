"""Which screens there are, where, and for whom."""

from compliance.admin import (
    access_page,
    access_watch,
    account,
    approvals,
    directory,
    inbox,
    notifications,
    purposes,
    roles,
    suppressions,
    tokens,
    trail,
    user_page,
    users,
)
from compliance.enums import Operation
from streaming.screens import SIGNED_IN, Screen, register_screen

_USERS, _TOKENS = Operation.USERS_MANAGE.value, Operation.TOKENS_MANAGE.value
_DIRECTORY = Operation.DIRECTORY_MANAGE.value
_ROLES, _DECIDE = Operation.ROLES_MANAGE.value, Operation.APPROVALS_DECIDE.value
_AUDIT, _SUPPRESS = Operation.AUDIT_VIEW.value, Operation.SUPPRESSIONS_MANAGE.value
_PURPOSES = Operation.PURPOSES_MANAGE.value

_SCREENS = (
    Screen("privacy/audit/", "audit", trail.listing, _AUDIT, "Audit trail", "Privacy", "manage_search", 10),
    Screen("privacy/audit/alerts/", "audit_alerts", access_watch.rules, _AUDIT, "Alerts on access", "Privacy", "notification_important", 15),
    Screen("privacy/audit/export/", "audit_export", trail.export, _AUDIT, needs_proof=True),
    Screen("privacy/purposes/", "purposes", purposes.purposes, _PURPOSES, "Purposes", "Privacy", "policy", 18),
    Screen("privacy/purposes/new/", "purpose_new", purposes.new, _PURPOSES),
    Screen("privacy/purposes/<slug:key>/", "purpose", purposes.purpose, _PURPOSES),
    Screen("privacy/purposes/<slug:key>/text/", "purpose_text", purposes.text, _PURPOSES),
    Screen(
        "privacy/suppressions/", "suppressions", suppressions.listing, _SUPPRESS, "Suppressions", "Privacy",
        "person_off", 20,
    ),
    Screen("privacy/approvals/", "approvals", approvals.page, SIGNED_IN, "Approvals", "Privacy", "how_to_reg", 5, badge=approvals.badge),
    Screen("privacy/approvals/settings/", "approval_settings", approvals.settings, _ROLES, needs_proof=True),
    Screen("privacy/approvals/<int:approval_id>/", "approval", approvals.one, SIGNED_IN),
    Screen("privacy/approvals/<int:approval_id>/decide/", "approval_decide", approvals.decide, _DECIDE, needs_proof=True),
    Screen("privacy/approvals/<int:approval_id>/withdraw/", "approval_withdraw", approvals.withdraw, SIGNED_IN),
    Screen("privacy/approvals/<int:approval_id>/use/", "approval_use", approvals.use, SIGNED_IN, needs_proof=True),
    Screen("privacy/suppressions/<int:suppressed_id>/lift/", "suppression_lift", suppressions.lift, _SUPPRESS),
    Screen("settings/users/", "users", users.listing, _USERS, "Users and roles", "Settings", "group", 10),
    Screen("settings/users/new/", "user_new", users.new, _USERS, needs_proof=True),
    Screen("settings/users/break-glass/", "break_glass_new", user_page.new_break_glass, _USERS, needs_proof=True),
    Screen("settings/users/<int:user_id>/", "user", user_page.page, _USERS),
    Screen("settings/users/<int:user_id>/unlock/", "user_unlock", user_page.unlock, _USERS),
    Screen("settings/users/<int:user_id>/password/", "user_password", user_page.give_password, _USERS, needs_proof=True),
    Screen("settings/users/<int:user_id>/factor/reset/", "user_factor_reset", user_page.reset_factor, _USERS, needs_proof=True),
    Screen("settings/users/<int:user_id>/sessions/end/", "user_sessions_end", user_page.end_sessions, _USERS),
    Screen("settings/users/<int:user_id>/sessions/<int:session_id>/end/", "user_session_end", user_page.end_session, _USERS),
    Screen("settings/users/<int:user_id>/break-glass/", "break_glass_renew", user_page.renew_break_glass, _USERS, needs_proof=True),
    Screen("settings/roles/<int:role_id>/factor/", "role_factor", user_page.role_factor, _ROLES, needs_proof=True),
    Screen("account/access/", "account_access", access_page.own, SIGNED_IN),
    Screen("settings/users/<int:user_id>/access/", "user_access", access_page.of_user, SIGNED_IN),
    Screen("settings/tokens/<int:token_id>/access/", "token_access", access_page.of_token, SIGNED_IN),
    Screen("account/", "account", account.account, SIGNED_IN),
    Screen("account/password/", "account_password", account.password, SIGNED_IN),
    Screen("account/factor/", "account_factor", account.second_factor, SIGNED_IN, needs_proof=True),
    Screen("account/factor/remove/", "account_factor_remove", account.remove_factor, SIGNED_IN),
    Screen("account/factor/codes/", "account_codes", account.recovery_codes, SIGNED_IN, needs_proof=True),
    Screen("account/sessions/<int:session_id>/end/", "account_session_end", account.end_session, SIGNED_IN),
    Screen("account/sessions/end/", "account_sessions_end", account.end_others, SIGNED_IN),
    Screen("settings/users/<int:user_id>/roles/", "user_roles", users.roles, _USERS, needs_proof=True),
    Screen("settings/users/<int:user_id>/deactivate/", "user_deactivate", users.deactivate, _USERS),
    Screen("settings/users/<int:user_id>/activate/", "user_activate", users.activate, _USERS),
    Screen("settings/roles/", "roles", roles.listing, _ROLES, "Roles", "Settings", "badge", 12),
    Screen("settings/roles/new/", "role_new", roles.new, _ROLES, needs_proof=True),
    Screen("settings/roles/<int:role_id>/", "role", roles.edit, _ROLES, needs_proof=True),
    Screen("settings/roles/<int:role_id>/delete/", "role_delete", roles.delete, _ROLES, needs_proof=True),
    Screen("settings/directory/", "directory", directory.page, _DIRECTORY, "Directory", "Settings", "lan", 15),
    Screen("settings/directory/groups/", "directory_map", directory.add, _DIRECTORY, needs_proof=True),
    Screen(
        "settings/directory/groups/<int:mapping_id>/remove/", "directory_unmap", directory.remove, _DIRECTORY, needs_proof=True
    ),
    Screen("settings/directory/test/", "directory_test", directory.test, _DIRECTORY),
    Screen("settings/tokens/", "tokens", tokens.listing, _TOKENS, "API tokens", "Settings", "key", 20),
    Screen("settings/tokens/new/", "token_new", tokens.new, _TOKENS, needs_proof=True),
    Screen("settings/tokens/<int:token_id>/revoke/", "token_revoke", tokens.revoke, _TOKENS),
    Screen("inbox/", "inbox", inbox.listing, SIGNED_IN),
    Screen("inbox/bell/", "inbox_bell", inbox.bell, SIGNED_IN),
    Screen("inbox/all/", "inbox_all", inbox.mark_all, SIGNED_IN),
    Screen("inbox/<int:receipt_id>/", "inbox_open", inbox.opened, SIGNED_IN),
    Screen("inbox/<int:receipt_id>/mark/", "inbox_mark", inbox.mark, SIGNED_IN),
    Screen(
        "settings/notifications/", "notifications", notifications.own, SIGNED_IN, "Notifications", "Settings",
        "notifications", 30,
    ),
    Screen("settings/notifications/<int:role_id>/", "notifications_role", notifications.of_role, _USERS),
    Screen("settings/mail/", "mail", notifications.mail, _USERS, "E-mail", "Settings", "mail", 40),
    Screen("settings/mail/test/", "mail_test", notifications.mail_test, _USERS),
)  # fmt: skip


def register_screens() -> None:
    """Make them known."""
    for screen in _SCREENS:
        register_screen(screen)
