"""Notices: what staff are told, each once, however long it goes on and however often it is noticed."""

from django.db import models
from django.db.models import Q


class Notice(models.Model):
    """Something that happened, or a trouble that goes on until `ended_at`.

    `key` says what it is about. Of one kind and key there is one row, or one that has not ended.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    body = models.CharField(max_length=2000, blank=True, default="")
    link = models.CharField(max_length=500, blank=True, default="")
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(help_text="when it was last so")
    reminded_at = models.DateTimeField(help_text="when people were last told, or told again")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "key"), condition=Q(ended_at=None), name="compliance_notice_once"
            )
        ]
        indexes = [models.Index(fields=["told_at"], name="compliance_notice_by_time")]

    def __str__(self) -> str:
        return self.subject


class NoticeReceipt(models.Model):
    """A notice in one person's inbox. `channel` is how it reaches them besides; `mail` is what brings it."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey("Notice", models.CASCADE, related_name="receipts")
    user = models.ForeignKey("User", models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10)
    mail = models.ForeignKey("NoticeMail", models.RESTRICT, null=True, blank=True, related_name="receipts")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("notice", "user"), name="compliance_notice_once_each")]
        indexes = [
            models.Index(fields=["user", "-id"], name="compliance_inbox"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="compliance_inbox_unread"),
            models.Index(
                fields=["user", "channel"],
                condition=Q(mail=None, channel__in=("email", "digest")),
                name="compliance_inbox_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} for {self.user_id}"


class NoticeMail(models.Model):
    """One e-mail to one person: handed to the server once. `state` is a `MailState` (docs/adr/0098)."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("User", models.CASCADE, related_name="+")
    message_id = models.UUIDField(unique=True)
    is_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=("due", "handing")), name="compliance_mail_due"
            ),
            models.Index(fields=["user", "-made_at"], name="compliance_mail_by_user"),
        ]

    def __str__(self) -> str:
        return str(self.message_id)


class NoticeSubscription(models.Model):
    """How notices of a kind reach one person, or all who have a role; without one the kind's own way holds."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    user = models.ForeignKey("User", models.CASCADE, null=True, blank=True, related_name="+")
    role = models.ForeignKey("Role", models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("kind", "user"), name="compliance_subscription_of_user"),
            models.UniqueConstraint(fields=("kind", "role"), name="compliance_subscription_of_role"),
            models.CheckConstraint(
                condition=Q(user=None) ^ Q(role=None), name="compliance_subscription_of_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.channel}"
