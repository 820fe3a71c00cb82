"""Django's entry to the app."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Control: access, audit, consent, suppression, stores of personal data, identifiers."""

    name = "compliance"
    verbose_name = "Privacy"
    default_auto_field = "django.db.models.BigAutoField"
