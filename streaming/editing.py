"""Forms that change what is there: what somebody else changed meanwhile is shown, and never undone unseen.

Such a form says of each of its values which one it was made from, `{% made_from "webhook" webhook %}`, and its view is
wrapped by `edits`. What was posted is compared with what is there now; when that is something else, nothing is changed: a
page tells what became of it and keeps what was typed, to be saved over it or not (docs/adr/0137).

    WEBHOOK = edit_form("webhook", find=..., values=..., page=...)

    @edits(WEBHOOK)
    def save(request, webhook_id): ...
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from streaming.contracts.log import LogUnavailable
from streaming.screens import View, render_screen
from streaming.session_locks import FORMS, alone

FIELD = "made_from"
LONGEST = 100_000  # characters of the field


def _nothing(_row: Any) -> Collection[str]:
    return ()


def _always(_posted: QueryDict) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class EditForm:
    """One form. `find` gives what it changes, by the request and the arguments of its view; it raises Http404.

    `values` are what the form shows of it, by words for people; secrets are not among them. `page` is where it is shown.
    `saves` says of what was posted whether it is to be kept, and `unkept` names fields that are to be typed again. Forms
    of the same `about` and the same argument `by` (all arguments without it) are saved one after the other.
    """

    name: str
    find: Callable[..., Any]
    values: Callable[[Any], Mapping[str, Any]]
    page: Callable[[Any], str]
    saves: Callable[[QueryDict], bool] = _always
    unkept: Callable[[Any], Collection[str]] = _nothing
    about: str = ""
    by: str = ""

    def version(self, row: Any) -> str:
        """Which values the row has, for the field of the form."""
        digests = {words: _digest(value) for words, value in self.values(row).items()}
        return f"{self.name}:{orjson.dumps(digests).decode()}"

    def changes(self, row: Any, version: str) -> list[tuple[str, str]]:
        """What is no longer as in that version: words, and the value that it has now."""
        former, now = _digests(version), self.values(row)
        changed = [
            (words, told(value)) for words, value in now.items() if former.get(words) != _digest(value)
        ]
        return changed + [(words, told(None)) for words in former if words not in now]


_forms: dict[str, EditForm] = {}


def edit_form(name: str, **options: Any) -> EditForm:
    """Make a form known, with the options of EditForm. Raises ValueError when another one has its name."""
    if name in _forms:
        raise ValueError(f"two forms are named {name!r}: give one of them another name")
    return _forms.setdefault(name, EditForm(name, **options))


def edit_forms() -> Mapping[str, EditForm]:
    """All of them, by name."""
    return _forms


def edits(*forms: EditForm) -> Callable[[View], View]:
    """Wrap the view to which these forms are posted.

    Between looking and saving nobody else saves one of the same object. What is posted without the field, as by a script
    or a page of the release before, is kept as it comes.
    """
    known = {form.name: form for form in forms}

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **which: Any) -> HttpResponseBase:
            version = request.POST.get(FIELD, "")[:LONGEST]
            form = known.get(version.partition(":")[0])
            if form is None or not form.saves(request.POST):
                return view(request, **which)
            of = which[form.by] if form.by else sorted(which.items())
            with alone(FORMS, f"{form.about or form.name} {of}"):
                return _conflict(request, form, which, version) or view(request, **which)

        return guarded

    return wrap


def version_for(request: HttpRequest | None, name: str, row: Any) -> str:
    """What the field of a form is to hold: on a page that says what is wrong, what it held when it was posted."""
    posted = request.POST.get(FIELD, "") if request is not None else ""
    return posted[:LONGEST] if posted.startswith(f"{name}:") else _forms[name].version(row)


def told(value: Any) -> str:
    """A value as people read it."""
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(each, str) for each in value):
        return ", ".join(sorted(value) if isinstance(value, set | frozenset) else value)
    if isinstance(value, Mapping | list | tuple):
        return orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode()
    return str(value)


def _conflict(
    request: HttpRequest, form: EditForm, which: Mapping[str, Any], version: str
) -> HttpResponseBase | None:
    try:
        row = form.find(request, **which)
    except LogUnavailable:
        return None  # the view says so
    if not (changes := form.changes(row, version)):
        return None
    unkept = {FIELD, "csrfmiddlewaretoken", *form.unkept(row)}
    typed = [(name, value) for name, values in request.POST.lists() if name not in unkept for value in values]
    context = {
        "title": "Somebody else changed this meanwhile",
        "changes": changes,
        "typed": [(name, value, name.replace("_", " ").capitalize()) for name, value in typed],
        "form": form,
        "version": form.version(row),
        "page": form.page(row),
        "is_unkept": any(request.POST.get(name) for name in form.unkept(row)),
    }
    return render_screen(request, "headwater/changed_meanwhile.html", context, status=409)


def _digest(value: Any) -> str:
    if isinstance(value, set | frozenset):
        value = sorted(value)
    written = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(written, digest_size=8).hexdigest()


def _digests(version: str) -> dict[str, Any]:
    """What the field says; nothing where it says nothing that can be read."""
    try:
        found = orjson.loads(version.partition(":")[2])
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
