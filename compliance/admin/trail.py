"""The audit trail: each row a sentence, searched by who acted and what they did."""

from django.http import HttpRequest, HttpResponse

from compliance.access import actor_of
from compliance.admin.words import GROUPS, actor_words, sentence
from compliance.domain.looking_up import TrailRow, entries
from streaming.screens import render_screen

SHOWN = 50


def listing(request: HttpRequest) -> HttpResponse:
    """The rows, newest first."""
    by, group = request.GET.get("by", "").strip()[:150], request.GET.get("action", "")
    action = group if group in GROUPS else ""
    before = row_id(request.GET.get("before", ""))
    rows = entries(actor_of(request), by=by, action=action, before=before, limit=SHOWN + 1)
    context = {
        "title": "Audit trail",
        "rows": [_told(row) for row in rows[:SHOWN]],
        "next": rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        "first": before is None,
        "by": by,
        "action": action,
        "groups": GROUPS,
    }
    return render_screen(request, "compliance/audit.html", context)


def row_id(text: str) -> int | None:
    """The id of a row that stands in an address; None when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 -- fits a bigint


def _told(row: TrailRow) -> dict[str, object]:
    return {
        "at": row.at,
        "actor": actor_words(row),
        "sentence": sentence(row),
        "address": row.address,
        "categories": ", ".join(row.categories),
        "is_denial": row.action in ("access.denied", "sign_in.failed"),
    }
