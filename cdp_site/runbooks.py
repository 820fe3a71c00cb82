"""The runbooks in the product: what to do when something is wrong, beside the pages where it is seen."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from streaming.screens import render_screen

_MARKS = re.compile(r"`|\*\*?")
_BEGINS = re.compile(r"\d+\. |- |\|")  # an item, a row


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a runbook. `anchor` is what addresses lead to."""

    title: str
    text: str

    @property
    def anchor(self) -> str:
        """As Markdown makes it of the title."""
        return self.title.lower().replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Runbook:
    """One file of docs/runbooks."""

    title: str
    sections: list[Section]


def folder() -> Path:
    """Where the runbooks are."""
    return Path(settings.BASE_DIR) / "docs" / "runbooks"


def read_runbook(name: str) -> Runbook | None:
    """The runbook of this name; None when there is none."""
    path = folder() / f"{name}.md"
    if path.parent != folder() or not path.is_file() or name == "README":
        return None
    head, *parts = path.read_text(encoding="utf-8").split("\n## ")
    title, _, intro = head.removeprefix("# ").partition("\n")
    sections = [Section(part.partition("\n")[0].strip(), _text(part.partition("\n")[2])) for part in parts]
    return Runbook(title.strip(), [*([Section("", _text(intro))] if intro.strip() else []), *sections])


def _text(markdown: str) -> str:
    """Its words without the marks; lines that were only wrapped are one."""
    lines: list[str] = []
    for line in markdown.strip().split("\n"):
        plain = _MARKS.sub("", line.strip())
        goes_on = line.startswith(" ") or not _BEGINS.match(plain)
        if lines and lines[-1] and plain and goes_on:
            lines[-1] += f" {plain}"
        else:
            lines.append(plain)
    return "\n".join(lines)


def runbook(request: HttpRequest, name: str) -> HttpResponse:
    """The page of one."""
    found = read_runbook(name)
    if found is None:
        raise Http404(f"there is no runbook {name!r}")
    context = {"title": found.title, "sections": found.sections}
    return render_screen(request, "headwater/runbook.html", context)
