"""This machine: where files go, how much room there is, and the secrets."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from cdp_site.doctor.finding import Finding, good, warning, wrong

LEAST_FREE = 1024**3
GIB = 1024**3
LEAST_SECRET = 40


def check_home(home: Path) -> Finding:
    """Whether files can be made durable there, as the spool must."""
    try:
        (home / "spool").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home / "spool") as file:
            file.write(b"durable")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return wrong(
            "spool", f"{home / 'spool'} cannot be written: {error.strerror}",
            "Give this user the directory, or set HEADWATER_HOME to one of its own.",
        )  # fmt: skip
    return good("spool", f"{home / 'spool'} can be written")


def check_disk(home: Path, spool_limit: int) -> Finding:
    """Whether the spool could grow to its limit and leave something."""
    free = shutil.disk_usage(home).free
    text = f"{free / GIB:.1f} GiB are free where {home} is"
    if free < LEAST_FREE:
        return wrong("disk", text, "Free some, or set HEADWATER_HOME to another disk.")
    if free < spool_limit + LEAST_FREE:
        return warning(
            "disk",
            text,
            f"The spool may take {spool_limit / GIB:.1f} GiB: free some, or lower SPOOL_LIMIT_MB.",
        )
    return good("disk", text)


def check_owner(home: Path) -> Finding:
    """Whether the home is this account's alone, and the account is not root where it need not be."""
    try:
        state = home.stat()
    except OSError as error:
        return wrong(
            "permissions", f"{home} cannot be read: {error.strerror}", "Give this account the directory."
        )
    if state.st_uid != os.geteuid():
        return wrong(
            "permissions", f"{home} belongs to another account than the one that runs this",
            f"Run every command as the account that runs Headwater, or chown -R it {home}.",
        )  # fmt: skip
    if stat.S_IMODE(state.st_mode) & 0o022:
        return wrong("permissions", f"others can write in {home}", f"chmod go-w {home}")
    return good("permissions", f"{home} is this account's")


def check_watched(folders: Sequence[str]) -> Iterator[Finding]:
    """Whether the folders that may be watched are there for this account."""
    for folder in folders:
        if not Path(folder).is_dir():
            yield wrong(
                "watched", f"{folder}, one of WATCHED_FOLDERS, is no folder of this machine",
                f"Make or mount it, for example: install -d -o {_account()} {folder}; or take it out of WATCHED_FOLDERS.",
            )  # fmt: skip
        elif not os.access(folder, os.R_OK | os.X_OK, effective_ids=True):
            yield wrong(
                "watched", f"{_account()} may not read {folder}, one of WATCHED_FOLDERS",
                f"Let that account read and enter it, for example: setfacl -m u:{_account()}:rwx {folder}",
            )  # fmt: skip
        elif not os.access(folder, os.W_OK, effective_ids=True):
            yield good("watched", f"{folder} can be read; files in it can stay there, and not be moved")
        else:
            yield good("watched", f"{folder} can be read and written")


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def check_secrets(home: Path, secret_key: str) -> list[Finding]:
    """Whether the secret is long enough, and files with secrets are their owner's alone."""
    exposed = [path for path in _secrets(home) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    findings = [wrong("secret", f"others can read {path}", f"chmod 600 {path}") for path in exposed]
    if len(secret_key) < LEAST_SECRET:
        text = f"SECRET_KEY has {len(secret_key)} characters"
        findings.append(wrong("secret", text, "Give it 50 random ones, or leave it out."))
    return findings or [good("secret", "nobody else can read the secrets")]


def _secrets(home: Path) -> list[Path]:
    """The files of the home that hold secrets, and are there."""
    fixed = (
        home / "secret_key",
        home / "access.json",
        home / "postgres" / "password",
    )
    keys = (path for path in (home / "keys").glob("*") if path.is_file())
    return [path for path in (*fixed, *keys) if path.exists()]
