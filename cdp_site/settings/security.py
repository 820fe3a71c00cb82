"""Keys, hosts, cookies and headers."""

from cdp_site.settings.environment import ENV

SECRET_KEY = ENV.secret_key
IDENTIFIER_KEY = ENV.identifier_key  # keys the hashes of identifiers; not in the database
ALLOWED_HOSTS = ENV.allowed_hosts
X_FRAME_OPTIONS = "DENY"
