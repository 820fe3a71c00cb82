"""Logs on standard error: one line each, as text or (LOG_FORMAT=json) as JSON."""

from cdp_site.logs import logging_configuration
from cdp_site.settings.environment import ENV

LOGGING = logging_configuration(ENV.log_format)
