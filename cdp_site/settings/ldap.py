"""Sign-in through a directory, when LDAP_URL says so. Local accounts stay, so that somebody can always get in."""

from cdp_site.directory import BACKEND, directory_settings
from cdp_site.settings.base import AUTHENTICATION_BACKENDS
from cdp_site.settings.environment import ENV

DIRECTORY = None
if ENV.directory is not None:
    AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, BACKEND]
    globals().update(directory_settings(ENV.directory))
