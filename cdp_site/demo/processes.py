"""The processes of the demo, in the order in which they start."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from cdp_site.demo.marker import has_sent_history
from cdp_site.supervision.role import Role
from cdp_site.supervision.roles import beat_role, consumers_role, manage, sources_role, worker_role


def demo_roles(
    *, web: Role, home: Path, url: str, write_key: str, traffic: bool, is_ready: Callable[[], bool]
) -> list[Role]:
    """All of them; example traffic begins once the web server answers, and the purchases follow the shop's history."""
    roles = [web, consumers_role(), worker_role(), sources_role(), beat_role()]
    if traffic:
        command = manage("demo_traffic", "--url", url)
        # Not an argument, where every user of the machine could read it.
        roles.append(Role("traffic", command, {"HEADWATER_WRITE_KEY": write_key}, may_start=is_ready))
        may_import = partial(has_sent_history, home)
        roles.append(Role("purchases", manage("demo_purchases"), may_start=may_import, once=True))
    return roles
