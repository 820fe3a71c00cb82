"""The screens that need several apps at once; Django's admin loads this module like that of every app."""

from cdp_site.pipeline.screens import register_screens

register_screens()
