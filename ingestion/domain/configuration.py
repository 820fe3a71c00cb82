"""What a collector must know of the database: keys, topics, rules and suppressed identifiers, read as one snapshot."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance import suppression
from compliance.classification import Decided
from ingestion.domain.catalogue.deciding import load_decided
from ingestion.domain.event_names import EventTopics, load_event_topics
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.plans.rules import SourceRules
from ingestion.domain.suppressions import Verdict
from ingestion.domain.webhooks.endpoint import Endpoint, load_endpoints
from ingestion.models import WriteKey


@dataclass(frozen=True, slots=True)
class Configuration:
    """One snapshot. `by_authorization` has the header that SDKs send for each key, so that most are looked up once."""

    by_key: dict[str, int]
    by_authorization: dict[bytes, int]
    topics: EventTopics
    suppressions: suppression.Suppressions
    rules: Mapping[int, SourceRules] = field(default_factory=dict)
    decided: Decided = field(default_factory=Decided)
    webhooks: dict[str, Endpoint] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(
        default_factory=dict
    )  # of the users of the second that the snapshot is used


def load_configuration() -> Configuration:
    """Read it. Raises django.db.Error when the database cannot be reached."""
    by_key = dict(
        WriteKey.objects.filter(disabled_at=None, source__disabled_at=None).values_list("key", "source_id")
    )
    return Configuration(
        by_key=by_key,
        by_authorization={
            b"Basic " + b64encode(f"{key}:".encode()): source_id for key, source_id in by_key.items()
        },
        topics=load_event_topics(),
        suppressions=suppression.snapshot(),
        rules=load_rules(),
        decided=load_decided(),
        webhooks=load_endpoints(),
    )
