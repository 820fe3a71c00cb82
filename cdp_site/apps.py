"""Django's entries to the composition root."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SiteAdminConfig(admin_apps.AdminConfig):
    """The admin, with our own site."""

    default = False
    default_site = "cdp_site.admin_site.HeadwaterAdminSite"


class CdpSiteConfig(AppConfig):
    """The composition root: settings, addresses, servers and processes."""

    name = "cdp_site"
    default = True
