#!/usr/bin/env python
"""Headwater's command line: `manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp_site.settings")
    from cdp_site.command_line import run  # noqa: PLC0415 -- needs the settings module first

    run(sys.argv)


if __name__ == "__main__":
    main()
