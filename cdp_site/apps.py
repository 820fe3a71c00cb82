"""Django's entries to the composition root."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SiteAdminConfig(admin_apps.SimpleAdminConfig):
    """The admin, with our own site. Its pages are found by `cdp_site.urls`: consumers and jobs have no use for them."""

    default = False
    default_site = "cdp_site.admin_site.HeadwaterAdminSite"


class CdpSiteConfig(AppConfig):
    """The composition root: settings, addresses, servers and processes."""

    name = "cdp_site"
    default = True
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have tasks that any process sends go to our broker, connect apps side by side, make stores known."""
        from cdp_site import celery  # noqa: F401, PLC0415 -- needs the settings; importing it is the effect
        from cdp_site.personal_data import register_stores  # noqa: PLC0415 -- beside the others
        from cdp_site.ports import connect_ports  # noqa: PLC0415 -- needs the app registry

        connect_ports()
        register_stores()
