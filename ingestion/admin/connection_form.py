"""The form in which a person says what is read of a stream, and what its rows become."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from ingestion.admin.addresses import typed
from ingestion.domain.storable import NotStorable, check_storable
from ingestion.sources.contract import Mode, Settings, StreamInfo
from ingestion.sources.streams import Choice

MAX_MAPPING = 64 * 1024
EVERY = (
    ("", "On request only"), ("5", "All the time (every 5 seconds)"), ("60", "Every minute"), ("300", "Every 5 minutes"),
    ("900", "Every 15 minutes"), ("3600", "Every hour"), ("21600", "Every 6 hours"), ("86400", "Every day"),
    ("crontab", "At times like those of cron …"),
)  # fmt: skip
MODES = (
    (Mode.INCREMENTAL.value, "What is new since the last run"),
    (Mode.FULL.value, "All of it, each time"),
)


def read_choice(posted: QueryDict, settings: Settings | None = None) -> Choice:
    """What a person chose of a stream with these settings; `selected` and `save_stream` say whether it will do."""
    problems: dict[str, str] = {}
    mapping = _mapping(posted.get("mapping", ""), problems)
    every, look_back = typed(posted, "every"), typed(posted, "look_back") or "0"
    if not look_back.isdecimal() or len(look_back) > 9:  # noqa: PLR2004 -- a column's range
        problems["look_back"], look_back = "The look-back is a whole number.", "0"
    return Choice(
        columns=posted.getlist("column"),
        key=posted.getlist("key"),
        mapping=mapping,
        mode=typed(posted, "mode"),
        cursor=typed(posted, "cursor"),
        look_back=int(look_back),
        starts_at=typed(posted, "starts_at", limit=100),
        every_seconds=int(every) if every.isdecimal() and len(every) < 10 else None,  # noqa: PLR2004
        crontab=typed(posted, "crontab", limit=100) if every == "crontab" else "",
        settings=settings or {},
        problems=problems,
    )


def _mapping(text: str, problems: dict[str, str]) -> Any:
    """The document; an empty one, and what is wrong, when it is none."""
    try:
        document = json.loads(text[: MAX_MAPPING + 1])
        check_storable(document)
    except NotStorable as wrong:
        problems["mapping"] = f"The mapping cannot be kept: {wrong}."
    except ValueError as error:
        problems["mapping"] = f"The mapping is not JSON: {error}."
    except RecursionError:
        problems["mapping"] = "The mapping is nested too deeply to be one."
    else:
        return document
    return {}


def form_of(choice: Choice, info: StreamInfo, posted: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows."""
    every = "crontab" if choice.crontab else str(choice.every_seconds or "")
    choices = EVERY if every in dict(EVERY) else (*EVERY, (every, f"Every {every} seconds"))
    written = posted.get("mapping") or json.dumps(choice.mapping, indent=2, ensure_ascii=False)
    return {
        "choice": choice, "modes": MODES, "every": every, "every_choices": choices, "mapping": written,
        "mapping_lines": min(30, written.count("\n") + 2),
        "columns": [
            {"column": column, "is_read": column.name in choice.columns, "is_key": column.name in choice.key}
            for column in info.columns
        ],
    }  # fmt: skip
