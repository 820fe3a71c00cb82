"""The corporate directory: which group gives which role, whose account is whose entry, how the last sync went."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.role import Role


class DirectoryMapping(models.Model):
    """The members of this group have this role. `key` is the group's name, or its distinguished name, in normal form."""

    group = models.CharField(max_length=400)
    key = models.CharField(max_length=1200, unique=True)
    role = models.ForeignKey(Role, models.CASCADE, related_name="directory_mappings")

    def __str__(self) -> str:
        return f"{self.group}: {self.role}"


class DirectoryAccount(models.Model):
    """An account that belongs to an entry of the directory.

    `entry_id` stays the same when the entry is renamed. `left_at` says since when the directory lets nobody in by it,
    and `left_because` why; who was shut out here by a person has none.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="directory_account")
    entry_id = models.CharField(max_length=1200, unique=True)
    seen_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.CharField(max_length=20, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return str(self.user)


class DirectorySync(models.Model):
    """The only row: how the sync stands. `held` says why the last one changed nothing although it could have."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ran_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    failed_runs = models.PositiveIntegerField(default=0, db_default=0)
    trouble = models.TextField(blank=True, default="", db_default="")
    held = models.TextField(blank=True, default="", db_default="")
    known = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="compliance_directory_sync_is_one")]

    def __str__(self) -> str:
        return self.held or self.trouble or "in step"
