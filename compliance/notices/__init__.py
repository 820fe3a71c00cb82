"""Notices: what staff are told, in the product and by e-mail. Any app may tell them (docs/guides/notifications.md).

notify("source_failing", "CRM cannot be read", "…", link="/admin/…", now=now, key=f"connection:{pk}")
over("source_failing", f"connection:{pk}", now=now)
notify("job_finished", "The import of orders.csv ended", "…", link="/admin/…", audience=only("ada"), now=now)
"""

from compliance.notices.audience import SUBSCRIBERS, Audience, only, seeing
from compliance.notices.kinds import Kind, register_kind
from compliance.notices.telling import notify, over, over_but

__all__ = ["SUBSCRIBERS", "Audience", "Kind", "notify", "only", "over", "over_but", "register_kind", "seeing"]
