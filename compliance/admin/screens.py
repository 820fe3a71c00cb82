"""Which screens there are, where, and for whom."""

from compliance.admin import inbox, notifications, suppressions, tokens, trail, users
from compliance.enums import Operation
from streaming.screens import Screen, register_screen

_USERS, _TOKENS = Operation.USERS_MANAGE.value, Operation.TOKENS_MANAGE.value
_ALL = Operation.HOME_VIEW.value
_AUDIT, _SUPPRESS = Operation.AUDIT_VIEW.value, Operation.SUPPRESSIONS_MANAGE.value

_SCREENS = (
    Screen("privacy/audit/", "audit", trail.listing, _AUDIT, "Audit trail", "Privacy", "manage_search", 10),
    Screen(
        "privacy/suppressions/", "suppressions", suppressions.listing, _SUPPRESS, "Suppressions", "Privacy",
        "person_off", 20,
    ),
    Screen("privacy/suppressions/<int:suppressed_id>/lift/", "suppression_lift", suppressions.lift, _SUPPRESS),
    Screen("settings/users/", "users", users.listing, _USERS, "Users and roles", "Settings", "group", 10),
    Screen("settings/users/new/", "user_new", users.new, _USERS),
    Screen("settings/users/<int:user_id>/roles/", "user_roles", users.roles, _USERS),
    Screen("settings/users/<int:user_id>/deactivate/", "user_deactivate", users.deactivate, _USERS),
    Screen("settings/users/<int:user_id>/activate/", "user_activate", users.activate, _USERS),
    Screen("settings/tokens/", "tokens", tokens.listing, _TOKENS, "API tokens", "Settings", "key", 20),
    Screen("settings/tokens/new/", "token_new", tokens.new, _TOKENS),
    Screen("settings/tokens/<int:token_id>/revoke/", "token_revoke", tokens.revoke, _TOKENS),
    Screen("inbox/", "inbox", inbox.listing, _ALL),
    Screen("inbox/bell/", "inbox_bell", inbox.bell, _ALL),
    Screen("inbox/all/", "inbox_all", inbox.mark_all, _ALL),
    Screen("inbox/<int:receipt_id>/", "inbox_open", inbox.opened, _ALL),
    Screen("inbox/<int:receipt_id>/mark/", "inbox_mark", inbox.mark, _ALL),
    Screen(
        "settings/notifications/", "notifications", notifications.own, _ALL, "Notifications", "Settings",
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
