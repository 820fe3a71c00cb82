"""What becomes of a consumer at its present pace: when it has caught up, and when retention would overtake it; pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from streaming.domain.flow.pace import Pace, Sample

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Kept:
    """What a partition keeps: None is no limit. `record_bytes` is the usual size of a record, if it is known."""

    seconds: float | None = None
    bytes: float | None = None
    record_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """One consumer in one or several partitions.

    `lag_seconds` is the age of the oldest unread record. `drain_seconds` says when all is read at this pace: 0 when it
    is, NEVER when more arrives than is applied, None while the pace is not known. `loss_seconds` says when retention
    takes the first unread record: NEVER when it does not at this pace. `used` is the share of what is kept that lies
    between the consumer and the end: at 1 records are lost.
    """

    lag: int = 0
    lag_seconds: float = 0.0
    arriving: float | None = None
    applied: float | None = None
    drain_seconds: float | None = 0.0
    loss_seconds: float = NEVER
    used: float = 0.0


def outlook(sample: Sample, pace: Pace, kept: Kept, *, now: datetime, stands: bool = False) -> Outlook:
    """The outlook at `now`. A consumer that `stands` applies nothing, whatever it did a moment ago."""
    if sample.position < sample.start:  # something was lost already
        return Outlook(
            sample.lag, arriving=pace.arriving, applied=0.0, drain_seconds=NEVER, loss_seconds=0.0, used=1.0
        )
    if not sample.lag:
        return Outlook(arriving=pace.arriving, applied=0.0 if stands else pace.applied)
    applied, gaining = (0.0, 0.0) if stands else (pace.applied, pace.gaining)
    age = max(0.0, (now - sample.front).total_seconds())
    return Outlook(
        lag=sample.lag,
        lag_seconds=age,
        arriving=pace.arriving,
        applied=applied,
        drain_seconds=_drain(sample.lag, pace.arriving, applied),
        loss_seconds=min(
            _loss_by_time(age, gaining, kept), _loss_by_size(sample.lag, pace.arriving, applied, kept)
        ),
        used=_used(sample.lag, age, kept),
    )


def _drain(lag: int, arriving: float | None, applied: float | None) -> float | None:
    if applied is None:
        return None
    ahead = applied - (arriving or 0.0)
    return lag / ahead if ahead > 0 else NEVER


def _loss_by_time(age: float, gaining: float | None, kept: Kept) -> float:
    """The oldest unread record ages by what is not gained in a second; one of unknown pace is taken to stand."""
    if kept.seconds is None:
        return NEVER
    room, losing = kept.seconds - age, 1.0 - (gaining or 0.0)
    if room <= 0:
        return 0.0
    return room / losing if losing > 0 else NEVER


def _loss_by_size(lag: int, arriving: float | None, applied: float | None, kept: Kept) -> float:
    if kept.bytes is None or not kept.record_bytes:
        return NEVER
    room = kept.bytes / kept.record_bytes - lag
    if room <= 0:
        return 0.0
    growing = (arriving or 0.0) - (applied or 0.0)
    return room / growing if growing > 0 else NEVER


def _used(lag: int, age: float, kept: Kept) -> float:
    by_time = age / kept.seconds if kept.seconds else 0.0
    by_size = lag * (kept.record_bytes or 0.0) / kept.bytes if kept.bytes else 0.0
    return max(by_time, by_size)


def together(parts: Iterable[Outlook]) -> Outlook:
    """Several partitions as one: sums of records, and the worst of all else."""
    found = list(parts)
    drains = [each.drain_seconds for each in found]
    return Outlook(
        lag=sum(each.lag for each in found),
        lag_seconds=max((each.lag_seconds for each in found), default=0.0),
        arriving=_sum(each.arriving for each in found),
        applied=_sum(each.applied for each in found),
        drain_seconds=None
        if None in drains
        else max((each for each in drains if each is not None), default=0.0),
        loss_seconds=min((each.loss_seconds for each in found), default=NEVER),
        used=max((each.used for each in found), default=0.0),
    )


def _sum(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None
