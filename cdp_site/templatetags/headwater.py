"""What every screen says the same way: moments, numbers, durations, states, lines and charts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst

from cdp_site.charts import line_of, stacked
from cdp_site.words import duration as duration_in_words
from cdp_site.words import grouped as grouped_digits
from cdp_site.words import relative, share_in_words, short_number
from compliance.access import MASK, Pseudonym
from streaming.editing import FIELD, version_for

register = template.Library()

WITH_PSEUDONYMS = (
    "With pseudonyms, which begin with #: your role sees that values are the same, and not what they are"
)


@register.simple_tag
def when(moment: datetime | None, otherwise: str = "never") -> SafeString | str:
    """A moment as people say it; the exact one, in the viewer's zone, on hover."""
    if moment is None:
        return otherwise
    text = relative(timezone.now() - moment)
    return format_html(
        '<time class="hw-nowrap" datetime="{}" title="{}" data-relative>{}</time>',
        moment.isoformat(), f"{moment:%Y-%m-%d %H:%M:%S} UTC", text,
    )  # fmt: skip


@register.simple_tag
def clock(moment: datetime | None, otherwise: str = "—") -> SafeString | str:
    """The time of day in the viewer's zone, to the second; the date on hover."""
    if moment is None:
        return otherwise
    return format_html(
        '<time class="hw-nowrap" datetime="{}" title="{}" data-clock>{}</time>',
        moment.isoformat(), f"{moment:%Y-%m-%d %H:%M:%S} UTC", f"{moment:%H:%M:%S}",
    )  # fmt: skip


@register.simple_tag
def exact(moment: datetime | None, otherwise: str = "—") -> SafeString | str:
    """The date and time in the viewer's zone, to the millisecond."""
    if moment is None:
        return otherwise
    return format_html(
        '<time datetime="{}" data-exact>{}</time>',
        moment.isoformat(), f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03} UTC",
    )  # fmt: skip


@register.filter
def shown(value: str | None, most: int = 0) -> SafeString | str:
    """A value of a person where it stands: a pseudonym as such, any other text, cut after so many characters if told."""
    if isinstance(value, Pseudonym):
        return SafeString(render_to_string("headwater/_pseudonym.html", {"value": str(value)}).strip())
    text = "" if value is None else str(value)
    return Truncator(text).chars(most) if most else text


@register.filter
def grouped(number: float | None) -> str:
    """A number with thousands separators; a dash for none."""
    return grouped_digits(number)


@register.filter
def short(number: float | None) -> str:
    """A number in at most four characters: 1.2K, 34M."""
    return short_number(number)


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """A length of time: 240 ms, 1.8 s, 3 min."""
    return duration_in_words(seconds)


@register.filter
def share(fraction: float | None) -> str:
    """A part of one in per cent."""
    return share_in_words(fraction)


@register.filter
def sentence(text: str) -> str:
    """A reason as a sentence begins, unless it begins with a name like `userId`."""
    first = text.partition(" ")[0]
    return capfirst(text) if first.islower() else text


@register.simple_tag(takes_context=True)
def made_from(context: template.Context, name: str, row: Any) -> SafeString:
    """The field by which the form of this name says which values of the row it was made from (`streaming.editing`)."""
    version = version_for(context.get("request"), name, row)
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, version)


@register.simple_tag
def badge(text: str, tone: str = "") -> SafeString:
    """A state: a word with a mark. Tones: good, warn, bad, info, or none."""
    return format_html('<span class="hw-badge{}">{}</span>', f" hw-badge-{tone}" if tone else "", text)


@register.simple_tag
def payload(value: Any) -> SafeString | str:
    """A value of an event: text as it is, the rest as JSON; what is hidden or a pseudonym says so."""
    if value == MASK:
        return render_to_string("headwater/_masked.html")
    if isinstance(value, str):
        return shown(value)
    text = json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)
    title = format_html(' title="{}"', WITH_PSEUDONYMS) if _has_pseudonyms(value) else ""
    return format_html('<span class="hw-mono hw-json"{}>{}</span>', title, text)


def _has_pseudonyms(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_pseudonyms, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Pseudonym)


@register.inclusion_tag("headwater/_sparkline.html")
def sparkline(values: Sequence[float], label: str = "") -> dict[str, Any]:
    """A small line of these values, the newest last."""
    line, area = line_of(values)
    return {"line": line, "area": area, "label": label}


@register.inclusion_tag("headwater/_chart.html")
def chart(
    series: Sequence[tuple[str, Sequence[float]]],
    start: datetime,
    step: timedelta,
    label: str = "",
    *,
    short: bool = False,
    links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Stacked bars of (name, values) pairs: one bar for each `step` from `start` on. At most six series are told apart."""
    drawn = stacked(series, start=start, step=step)
    legend = [(name, place, (links or {}).get(name)) for name, place in drawn.legend]
    return {"chart": drawn, "legend": legend, "label": label, "short": short}
