"""Keys, hosts, cookies and headers."""

from cdp_site.settings.environment import ENV

SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts
X_FRAME_OPTIONS = "DENY"
