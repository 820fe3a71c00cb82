"""Django's settings of the product, with an app that takes control out of it. Only for measurements."""

from cdp_site.settings import *  # noqa: F403, TID251 -- a module of settings is made of another
from cdp_site.settings import INSTALLED_APPS  # noqa: TID251 -- as above

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks._uncontrolled.apps.Uncontrolled"]
