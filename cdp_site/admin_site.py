"""The admin site that all screens share."""

from unfold.sites import UnfoldAdminSite


class HeadwaterAdminSite(UnfoldAdminSite):
    """Headwater's web admin."""
