"""A mapping, compiled: one record in, its events or the reasons why there are none out."""

from typing import Any, NamedTuple

import orjson

from ingestion.domain.mappings.compiling import RULE_KEYS, compile_rule
from ingestion.domain.mappings.containers import Item, RecordFailed
from ingestion.domain.mappings.errors import FieldProblem, MappingInvalid, PartFailed, RecordProblem
from ingestion.domain.mappings.identity import content_id, message_id
from ingestion.domain.mappings.limits import MAX_DOCUMENT_BYTES, MAX_EVENTS, MAX_RULES
from ingestion.domain.mappings.parts import BadPart, Zone
from ingestion.domain.mappings.rule import Rule
from ingestion.domain.storable import NotStorable, check_storable

LANGUAGE_VERSION = 1
_KEYS = frozenset({"version", "description", "zone", "time_of_day", "events"})


class Mapped(NamedTuple):
    """What a record comes to: items in the form of the protocol, for `accept_item`, and what could not be made.

    Both are empty when no condition of the mapping holds: the record is none of its business.
    """

    items: list[Item]
    problems: list[RecordProblem]


class Mapping:
    """The rules of a mapping. Immutable; any thread may use it."""

    __slots__ = ("_only", "_rules")

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules
        self._only = rules[0] if len(rules) == 1 and rules[0].is_single else None

    def map(self, record: Any, *, identity: str | None = None) -> Mapped:
        """The events of a record: a JSON value as `parse_json` gives it, or a row of a table as a dict. Never raises.

        An event whose rule gives no message id gets `identity`, which should be the record's own for ever (a key and
        a version, say); without one, it is the hash of the record, so the same content is the same message.
        """
        if self._only is not None:  # most mappings
            return _mapped_by(self._only, record, identity)
        items: list[Item] = []
        problems: list[RecordProblem] = []
        for rule in self._rules:
            try:
                if rule.is_single:
                    self._add(rule, record, items, problems)
                    continue
                for scope in rule.scopes(record):
                    self._add(rule, scope, items, problems)
            except RecordFailed as failed:
                problems.append(failed.problem)
            if len(items) + len(problems) > MAX_EVENTS:
                too_many = f"one record makes at most {MAX_EVENTS:,} events"
                return Mapped([], [RecordProblem("too_many_events", "", too_many)])
        try:
            _identify(items, record, identity)
        except PartFailed as failed:
            return Mapped([], [RecordProblem(failed.code, "", failed.reason)])
        return Mapped(items, problems)

    def made(self, record: Any, identity: str) -> list[Item]:
        """The events of a record of which each can be made, as `map` gives them. Raises RecordFailed with the first problem.

        Hot: of most records nothing but their events is asked for.
        """
        if self._only is None:
            items, problems = self.map(record, identity=identity)
            if problems:
                raise RecordFailed.of(problems[0])
            return items
        item = self._only.item(record)
        if item is None:
            return []
        if "messageId" not in item:
            item["messageId"] = message_id(identity)
        return [item]

    @staticmethod
    def _add(rule: Rule, scope: Any, items: list[Item], problems: list[RecordProblem]) -> None:
        try:
            item = rule.item(scope)
        except RecordFailed as failed:
            problems.append(failed.problem)
        else:
            if item is not None:
                items.append(item)


def compile_mapping(document: Any) -> Mapping:
    """The mapping that the document describes. Raises MappingInvalid with every problem at its field."""
    if not isinstance(document, dict):
        raise MappingInvalid([FieldProblem("", "a mapping is a JSON object")])
    _check_document(document)
    problems: list[FieldProblem] = []
    zone = _zone(document, problems)
    written = document.get("events")
    if written is None:
        alone = {key: value for key, value in document.items() if key not in _KEYS}
        rules = [compile_rule(alone, "", zone, problems)]
    elif not isinstance(written, list) or not 0 < len(written) <= MAX_RULES:
        raise MappingInvalid([FieldProblem("events", f"should be a list of 1 to {MAX_RULES} events to make")])
    else:
        problems += [
            FieldProblem(
                key[:200], "belongs into one of `events`" if key in RULE_KEYS else "there is no such field"
            )
            for key in document
            if key not in _KEYS
        ]
        rules = [compile_rule(each, f"events[{at}].", zone, problems) for at, each in enumerate(written)]
    if problems:
        raise MappingInvalid(problems)
    return Mapping([rule for rule in rules if rule is not None])


def _check_document(document: dict[str, Any]) -> None:
    try:
        size = len(orjson.dumps(document))
    except TypeError:
        raise MappingInvalid([FieldProblem("", "holds what JSON cannot, or is nested too deeply")]) from None
    if size > MAX_DOCUMENT_BYTES:
        raise MappingInvalid([FieldProblem("", f"has more than {MAX_DOCUMENT_BYTES // 1024} KB")])
    try:
        check_storable(document)
    except NotStorable as wrong:
        raise MappingInvalid([FieldProblem("", f"cannot be kept: {wrong}")]) from None
    version = document.get("version", LANGUAGE_VERSION)
    if version != LANGUAGE_VERSION or isinstance(version, bool):
        raise MappingInvalid(
            [FieldProblem("version", f"should be {LANGUAGE_VERSION}, the only one there is")]
        )


def _zone(document: dict[str, Any], problems: list[FieldProblem]) -> Zone:
    names = document.get("zone", "UTC"), document.get("time_of_day", "12:00")
    if not all(isinstance(name, str) for name in names):
        problems.append(
            FieldProblem("zone", "zone and time_of_day are texts such as Europe/Berlin and 12:00")
        )
        return Zone()
    zone = Zone(*names)
    try:
        zone.clock()
    except BadPart as error:
        problems.append(FieldProblem("zone", str(error)))
        return Zone()
    return zone


def _mapped_by(rule: Rule, record: Any, identity: str | None) -> Mapped:
    """What the only rule makes of the record."""
    try:
        item = rule.item(record)
        if item is None:
            return Mapped([], [])
        if "messageId" not in item:
            item["messageId"] = content_id(record) if identity is None else message_id(identity)
    except RecordFailed as failed:
        return Mapped([], [failed.problem])
    except PartFailed as failed:
        return Mapped([], [RecordProblem(failed.code, "", failed.reason)])
    return Mapped([item], [])


def _identify(items: list[Item], record: Any, identity: str | None) -> None:
    """Give every event an id of its own, which the same record gives it again."""
    if len(items) == 1:
        if "messageId" not in items[0]:
            items[0]["messageId"] = content_id(record) if identity is None else message_id(identity)
        return
    own: str | None = None
    taken: dict[str, int] = {}
    for item in items:
        given = item.get("messageId")
        if given is None:
            if own is None:
                own = content_id(record) if identity is None else message_id(identity)
            given = item["messageId"] = own
        taken[given] = times = taken.get(given, 0) + 1
        if times > 1:
            item["messageId"] = message_id(f"{given}-{times}")
