"""What becomes of messages, what can be wrong with them, and how a reconciliation stands."""

from django.db.models import TextChoices


class State(TextChoices):
    """What became of a message."""

    APPLIED = "applied", "Applied"
    DEAD_LETTERED = "dead_lettered", "Dead-lettered"
    SUPPRESSED = "suppressed", "Suppressed"
    QUARANTINED = "quarantined", "In quarantine"
    PENDING = "pending", "On its way"
    MISSING = "missing", "Missing"


class FindingKind(TextChoices):
    """What does not balance. The last three are about a consumer's place in the log rather than one message."""

    PASSED_OVER = "passed_over", "In the log and passed, but without any effect"
    NOT_STORED = "not_stored", "Remembered as applied, but not in the timeline"
    NOT_REMEMBERED = (
        "not_remembered",
        "In the timeline, but not remembered: another delivery would apply it again",
    )
    NOT_LOGGED = "not_logged", "In the timeline, but no longer in the log, which should still hold it"
    STORED_TWICE = "stored_twice", "More than once in the timeline"
    NOT_PUBLISHED = (
        "not_published",
        "In the timeline, but never published for the consumers behind the builder",
    )
    NOT_APPLIED = "not_applied", "Published for the consumers behind the builder, but not in the timeline"
    OVERTAKEN = "overtaken", "Retention deleted records that the consumer had not read"
    BEYOND_THE_END = "beyond_the_end", "The log is shorter than what the consumer has read"
    RECREATED = "recreated", "The topic was deleted and made anew since the consumer read it"


class RunState(TextChoices):
    """How a reconciliation stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    BALANCED = "balanced", "Balanced"
    UNBALANCED = "unbalanced", "Not balanced"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
