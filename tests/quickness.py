"""What the product does once in a process, tests would do a thousand times: here it is done the quick way.

Passwords are hashed in one step, for nobody guesses them. The form is the product's own, which says how many steps it
took: what processes hashed is checked here, and the other way round. Static files are looked up when they are asked
for: each of Django's test clients would list all of them.
"""

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Django's, in one step instead of a million."""

    iterations = 1


def be_quick() -> None:
    """Change the settings of this process."""
    settings.PASSWORD_HASHERS = [f"{__name__}.{QuickHasher.__name__}", *settings.PASSWORD_HASHERS[1:]]
    settings.WHITENOISE_AUTOREFRESH = True
