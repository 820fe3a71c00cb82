"""Django's entry to the app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    """Control: access, audit, consent, suppression, stores of personal data, identifiers."""

    name = "compliance"
    verbose_name = "Privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make stores known, watch over payloads and dead letters, record sign-ins, and seed after each migration."""
        from compliance.oversight import AuditedOversight  # noqa: PLC0415 -- needs the app registry
        from compliance.payloads import may_open  # noqa: PLC0415 -- needs the app registry
        from compliance.personal_data import register_stores  # noqa: PLC0415 -- beside the others
        from compliance.signing_in import follow_sign_ins  # noqa: PLC0415 -- beside the others
        from streaming.domain.oversight import register_oversight  # noqa: PLC0415 -- beside the others
        from streaming.domain.payloads import register_payload_access  # noqa: PLC0415 -- beside the others

        register_stores()
        register_payload_access(may_open)
        register_oversight(AuditedOversight())
        follow_sign_ins()
        post_migrate.connect(_seed, sender=self, dispatch_uid="compliance.seed")


def _seed(**_options: Any) -> None:
    from compliance.domain.seeds import seed  # noqa: PLC0415 -- models exist only once apps are ready

    seed()
