#!/usr/bin/env python
"""Headwater's command line: `manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp_site.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- needs the settings module first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
