"""Answers for jobs of the pipeline: whoever began one finds its end in the inbox."""

from datetime import datetime

from compliance.notices import notify, only
from streaming.domain.job_ends import JobEnd


def tell(end: JobEnd, now: datetime) -> None:
    """See `streaming.domain.job_ends`. Names of nobody, such as at the command line, reach nobody."""
    notify("job_finished", end.subject, end.body, link=end.link, audience=only(end.begun_by), now=now)
