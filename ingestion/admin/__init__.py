"""The screens of ingestion: sources, rejections, live, imports."""

from ingestion.admin.screens import register_screens

register_screens()
