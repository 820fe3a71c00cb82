"""What the demo says once it serves."""

from pathlib import Path

from cdp_site.demo.access import NAME, Access


def greeting(access: Access, home: Path) -> str:
    """Addresses, logins and keys; its last line is what scripts wait for."""
    logins = "\n".join(
        f"    {role:<14} {login.username} / {login.password}" for role, login in access.users.items()
    )
    return f"""
  Web admin      {access.url}/admin/
{logins}
  API            {access.url}/api/docs/
    token          {access.api_token}
  Collector      {access.url}/v1/
    write key      {access.write_key}
  All of this stands in {home / NAME}. Ctrl-C stops everything.

Headwater is ready: {access.url}
"""
