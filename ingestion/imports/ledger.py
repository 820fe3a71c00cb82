"""The permanent record of which rows of which file are in: the same file next year adds nothing."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from django.db.models.functions import Greatest

from ingestion.models import FileImport, ImportedFile, ImportGap, ImportRun

Run = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was in before this run: the rows up to `rows_done`, but for the gaps (first row, last row)."""

    rows_done: int = 0
    gaps: list[Run] = field(default_factory=list)

    def has(self, row: int) -> bool:
        """Whether an earlier import took this row."""
        if row > self.rows_done:
            return False
        before = bisect_right(self.gaps, row, key=itemgetter(0)) - 1
        return before < 0 or row > self.gaps[before][1]


def open_ledger(file_import: FileImport, *, now: datetime) -> Ledger:
    """The ledger of the import's file in its source; begun when there is none."""
    entry, _ = ImportedFile.objects.get_or_create(
        file_hash=file_import.file_hash,
        source_id=file_import.source_id,
        defaults={"first_import": file_import.pk, "first_imported_at": now},
    )
    return _ledger_of(entry)


def known_ledger(file_import: FileImport) -> Ledger:
    """The ledger of the import's file in its source, as it is; nothing is begun."""
    entry = ImportedFile.objects.filter(
        file_hash=file_import.file_hash, source_id=file_import.source_id
    ).first()
    return Ledger() if entry is None else _ledger_of(entry)


def _ledger_of(entry: ImportedFile) -> Ledger:
    gaps = entry.gaps.order_by("first_row").values_list("first_row", "last_row")
    return Ledger(entry.rows_done, list(gaps))


def known_imports(file_hash: str) -> list[ImportedFile]:
    """Where and when rows of this file were imported before, oldest first."""
    return list(ImportedFile.objects.filter(file_hash=file_hash, rows_done__gt=0).select_related("source"))


def enter(file_import: FileImport, *, first: int, last: int, not_in: Sequence[int]) -> None:
    """Enter that the rows `first` to `last` were read, and all are in but `not_in`. Within a transaction."""
    entry = ImportedFile.objects.select_for_update().get(
        file_hash=file_import.file_hash, source_id=file_import.source_id
    )
    gaps = runs(not_in)
    overlapping = entry.gaps.filter(first_row__lte=last, last_row__gte=first)
    for begin, end in list(overlapping.values_list("first_row", "last_row")):
        gaps += [(begin, first - 1)] * (begin < first) + [(last + 1, end)] * (end > last)
    overlapping.delete()
    ImportGap.objects.bulk_create(
        ImportGap(file=entry, first_row=begin, last_row=end) for begin, end in sorted(gaps)
    )
    ImportedFile.objects.filter(pk=entry.pk).update(rows_done=Greatest("rows_done", last))


def keep_runs(file_import: FileImport, numbers: Iterable[int]) -> None:
    """Keep that this import brought in these rows, which come in order; what follows on the last ones continues them."""
    for first, last in runs(numbers):
        before = (
            ImportRun.objects.filter(file_import=file_import, last_row=first - 1)
            .order_by("-first_row")
            .first()
        )
        if before is None:
            ImportRun.objects.create(file_import=file_import, first_row=first, last_row=last)
        else:
            ImportRun.objects.filter(pk=before.pk).update(last_row=last)


def give_back(file_import: FileImport) -> None:
    """Enter that the rows that this import brought in are not in any more. Within a transaction."""
    entry = (
        ImportedFile.objects.select_for_update()
        .filter(file_hash=file_import.file_hash, source_id=file_import.source_id)
        .first()
    )
    if entry is None:
        return
    given = list(file_import.runs.values_list("first_row", "last_row"))
    if not given and file_import.accepted:  # of a former release, which did not keep them
        given = [(1, file_import.row)]
        entry.gaps.all().delete()
    ImportGap.objects.bulk_create(
        (ImportGap(file=entry, first_row=first, last_row=last) for first, last in given),
        ignore_conflicts=True,
    )
    if given:
        ImportedFile.objects.filter(pk=entry.pk).update(complete=False)


def complete(file_import: FileImport) -> None:
    """Enter that the file was read to its end."""
    ImportedFile.objects.filter(file_hash=file_import.file_hash, source_id=file_import.source_id).update(
        complete=True
    )


def runs(numbers: Iterable[int]) -> list[Run]:
    """The numbers, sorted, as runs without a hole."""
    found: list[Run] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
