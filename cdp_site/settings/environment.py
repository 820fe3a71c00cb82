"""The environment of this process, read once."""

from cdp_site.env import read_environment

ENV = read_environment()
