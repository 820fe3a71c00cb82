"""The screens of control: users and roles, API tokens, the audit trail, suppressions."""

from compliance.admin.screens import register_screens

register_screens()
