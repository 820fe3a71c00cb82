"""What people do on social networks, per anchor and network: `profiles.social` keeps both tables.

`anchor` is the anchor's birth id, as on the log.
"""

from django.db import models


class SocialAccount(models.Model):
    """An anchor on one network. `totals` are those of its items, with the times of its first and last action.

    `handle` and `followers` are what was said last: [microseconds since 2000, digest of the message, value].
    """

    pk = models.CompositePrimaryKey("anchor", "network")
    anchor = models.UUIDField()
    network = models.TextField(db_collation="C")
    handle = models.JSONField(null=True)
    followers = models.JSONField(null=True)
    totals = models.JSONField(null=True)

    class Meta:
        db_table = "profiles_social_account"

    def __str__(self) -> str:
        return f"{self.anchor} on {self.network}"


class SocialItem(models.Model):
    """The latest fact of one target: of a post, a like, somebody followed. `target` is a digest of what it was."""

    pk = models.CompositePrimaryKey("anchor", "network", "subject", "target")
    anchor = models.UUIDField()
    network = models.TextField(db_collation="C")
    subject = models.SmallIntegerField()
    target = models.UUIDField()
    at = models.BigIntegerField(help_text="microseconds since 2000")
    message = models.UUIDField()
    kind = models.SmallIntegerField(help_text="negative when it was taken back")
    sentiment = models.SmallIntegerField(null=True, help_text="in thousandths")
    reach = models.BigIntegerField()

    class Meta:
        db_table = "profiles_social_item"

    def __str__(self) -> str:
        return f"item {self.target} on {self.network}"
