"""Django's entry to the app."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as current
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    """Control: access, audit, consent, suppression, stores of personal data, identifiers."""

    name = "compliance"
    verbose_name = "Privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make stores known, watch over payloads and dead letters, tell of jobs, record sign-ins, seed after migrations."""
        from compliance.job_ends import tell  # noqa: PLC0415 -- needs the app registry
        from compliance.models import Authenticator  # noqa: PLC0415 -- needs the app registry
        from compliance.oversight import AuditedOversight  # noqa: PLC0415 -- needs the app registry
        from compliance.payloads import may_open  # noqa: PLC0415 -- needs the app registry
        from compliance.personal_data import register_stores  # noqa: PLC0415 -- beside the others
        from compliance.sealed_columns import register_sealed  # noqa: PLC0415 -- beside the others
        from compliance.signing_in import follow_sign_ins  # noqa: PLC0415 -- beside the others
        from streaming.domain.job_ends import register_job_ends  # noqa: PLC0415 -- beside the others
        from streaming.domain.oversight import register_oversight  # noqa: PLC0415 -- beside the others
        from streaming.domain.payloads import register_payload_access  # noqa: PLC0415 -- beside the others

        register_stores()
        register_sealed(Authenticator, "secret", "second factors")
        register_payload_access(may_open)
        register_oversight(AuditedOversight())
        register_job_ends(tell)
        follow_sign_ins()
        post_migrate.connect(_seed, sender=self, dispatch_uid="compliance.seed")


def _seed(apps: Apps = current, **_options: Any) -> None:
    """What is seeded has the columns of this release: a database that was taken back to an earlier one is left alone."""
    from compliance.domain.seeds import seed  # noqa: PLC0415 -- models exist only once apps are ready

    if all(_columns(apps, name) == _columns(current, name) for name in ("Purpose", "Role")):
        seed()


def _columns(apps: Apps, model: str) -> set[str]:
    try:
        fields = apps.get_model("compliance", model)._meta.local_concrete_fields  # noqa: SLF001 -- public by name
    except LookupError:
        return set()
    return {field.attname for field in fields}
