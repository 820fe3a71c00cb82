"""The trace of one event by its message id, days later: what every part of the system knows of it (ADR 0096)."""

from ingestion.domain.traces.steps import Finding, Lead, Message, Outcome, Stage, Step
from ingestion.domain.traces.tracing import Recorded, Trace, UnknownMessage, register_tracer, trace

__all__ = [
    "Finding", "Lead", "Message", "Outcome", "Recorded", "Stage", "Step", "Trace", "UnknownMessage", "register_tracer",
    "trace",
]  # fmt: skip
