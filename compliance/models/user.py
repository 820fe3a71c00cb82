"""Members of staff, who sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A member of staff. Ours from the first migration, because Django cannot change it later."""
