"""Django's settings, by concern; every value from outside comes from `cdp_site.env`."""

from cdp_site.settings.base import *
from cdp_site.settings.celery import *
from cdp_site.settings.database import *
from cdp_site.settings.ldap import *
from cdp_site.settings.lockout import *
from cdp_site.settings.logging import *
from cdp_site.settings.look import *
from cdp_site.settings.mail import *
from cdp_site.settings.rest import *
from cdp_site.settings.security import *
