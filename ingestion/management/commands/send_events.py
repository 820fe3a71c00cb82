"""`manage.py send_events FILE`: import a CSV, JSON Lines, XLSX or Parquet file, and go on where a former run was interrupted."""

import json
import time
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from ingestion import tasks
from ingestion.domain.sources import source_named
from ingestion.enums import ImportState
from ingestion.imports.columns import Mapping
from ingestion.imports.progress import progress_of
from ingestion.imports.sending import Wishes, finish_import, prepare_import, proposed_mapping, read_mapping
from ingestion.models import FileImport
from streaming.event_log import event_log

DEFAULT_SOURCE = "Files"


class Command(BaseCommand):
    """Import a file in this process, or hand it to a worker. The same file again adds only what is missing."""

    help = (
        "Import a CSV or JSON Lines file (plain or gzip), a spreadsheet (XLSX) or a Parquet file into the event log.\n\n"
        "Lines in the form of the Segment protocol need nothing else. For other files the columns are mapped by their\n"
        "names; --show-mapping prints that mapping, which can be edited and given with --mapping.\n"
        "Interrupted, the same command goes on where it stopped; a file that is in is recognised."
    )

    _held = ""  # what it was told to wait for last

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the paragraphs of the help."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and what cannot be read from it."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--source",
            default=DEFAULT_SOURCE,
            help=f"its source (default: {DEFAULT_SOURCE}); made when it is new",
        )
        parser.add_argument("--mapping", type=Path, help="a JSON file that says what the columns are")
        parser.add_argument("--event", default="", help="the name of the event that each row is")
        parser.add_argument("--type", default="", help="track, identify … for rows that do not say it")
        parser.add_argument("--show-mapping", action="store_true", help="print the mapping and stop")
        parser.add_argument("--background", action="store_true", help="have a worker do it")
        parser.add_argument(
            "--elsewhere", action="store_true", help="import it although another source has it"
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Import it; the exit status is 1 when it failed."""
        try:
            self._import(file, options)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error

    def _import(self, file: Path, options: dict[str, Any]) -> None:
        by, now = Actor.system("send_events"), timezone.now()
        wishes = Wishes(
            mapping=read_mapping(options["mapping"]) if options["mapping"] else None,
            event=options["event"], event_type=options["type"], elsewhere=options["elsewhere"],
        )  # fmt: skip
        if options["show_mapping"]:
            self.stdout.write(json.dumps(proposed_mapping(file, wishes).to_json(), indent=2))
            return
        file_import = prepare_import(
            path=file, source=source_named(name=options["source"], by=by, now=now), wishes=wishes, by=by, now=now,
            copied=options["background"],
        )  # fmt: skip
        if options["background"]:
            tasks.run_import.delay(import_id=file_import.pk)
            self.stdout.write(f"import {file_import.pk} waits for a worker")
            return
        self._finish(file_import)

    def _finish(self, file_import: FileImport) -> None:
        self._describe(file_import)
        finish_import(file_import, log=event_log(), clock=timezone.now, tell=self._tell, wait=time.sleep)
        if file_import.state == ImportState.FAILED:
            raise CommandError(f"import {file_import.pk} failed: {file_import.failure}")
        self.stdout.write(
            f"import {file_import.pk} is {file_import.get_state_display().lower()}: {file_import.row:,} rows, "
            f"{file_import.accepted:,} taken, {file_import.rejected:,} rejected, {file_import.suppressed:,} suppressed, "
            f"{file_import.repeated:,} were in before"
        )
        for error in file_import.row_errors.all()[:5]:
            self.stdout.write(f"  row {error.row} (line {error.line}): {error.reason}")

    def _describe(self, file_import: FileImport) -> None:
        mapping = Mapping.from_json(file_import.mapping)
        going_on = f", going on after row {file_import.row:,}" if file_import.row else ""
        self.stdout.write(
            f"import {file_import.pk}: {file_import.name} into {file_import.source.name}{going_on}"
        )
        if not mapping.is_segment:
            self.stdout.write(f"each row is: {mapping.event_type} {mapping.event}".rstrip())
        for column in mapping.columns:
            self.stdout.write(f"  {column.name} -> {column.target or '(ignored)'}")

    def _tell(self, file_import: FileImport, held: str) -> None:
        if held:
            if held != self._held:
                self.stdout.write(f"waits for consumers to catch up: {held}")
        elif not file_import.has_ended:
            progress = progress_of(file_import)
            self.stdout.write(
                f"{progress.fraction:.0%}, {file_import.row:,} rows, {progress.rows_per_second:,.0f} rows/s"
            )
        self._held = held
