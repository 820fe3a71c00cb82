"""The look of the admin (django-unfold)."""

UNFOLD = {"SITE_TITLE": "Headwater", "SITE_HEADER": "Headwater", "SHOW_HISTORY": True}
