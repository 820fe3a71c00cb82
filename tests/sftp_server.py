"""A real OpenSSH server for one user, on a free port of this machine, that gives nothing but SFTP below a folder."""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.permissions import LAID_DOWN
from tests.smtp_sink import unused_port
from tests.waiting import eventually

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "/usr/sbin/sshd"
_CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp
AllowTcpForwarding no
X11Forwarding no
"""


@dataclass
class SftpServer:
    """The server. `files` is the folder with its files; `key` opens it, and `guarded_key` with the passphrase `secret`."""

    folder: Path
    port: int = field(default_factory=unused_port)
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def key(self) -> str:
        return (self.folder / "key").read_text()

    @property
    def guarded_key(self) -> str:
        return (self.folder / "guarded").read_text()

    @property
    def fingerprint(self) -> str:
        said = subprocess.run(
            ["ssh-keygen", "-l", "-f", self.folder / "host_key.pub"],
            capture_output=True,
            text=True,
            check=True,
        )
        return said.stdout.split()[1]

    @property
    def settings(self) -> dict[str, str]:
        return {
            "host": "127.0.0.1", "port": str(self.port), "user": getpass.getuser(), "auth": "key", "private_key": self.key,
            "fingerprint": self.fingerprint, "folder": str(self.files),
        }  # fmt: skip

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> "Iterator[SftpServer]":
        """One that listens, with keys of its own."""
        made = cls(folder)
        made.make_keys()
        made.start()
        try:
            yield made
        finally:
            made.stop()

    def make_keys(self) -> None:
        self.files.mkdir(parents=True, exist_ok=True)
        self.make_host_key()
        for name, passphrase in (("key", ""), ("guarded", "secret")):
            self._keygen(name, passphrase)
        keys = [(self.folder / f"{name}.pub").read_text() for name in ("key", "guarded")]
        (self.folder / "authorized_keys").write_text("".join(keys))

    def make_host_key(self) -> None:
        (self.folder / "host_key").unlink(missing_ok=True)
        self._keygen("host_key", "")

    def start(self) -> None:
        written = self.folder / "sshd_config"
        written.write_text(_CONFIGURATION.format(port=self.port, folder=self.folder))
        before = []
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where it puts its privileges down
            before = LAID_DOWN
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*before, SSHD, "-D", "-e", "-f", written], stderr=log, start_new_session=True
            )
        eventually(self._answers, f"sshd answers ({self.folder / 'log'} says why not)", 30)

    def stop(self) -> None:
        """End it with all sessions."""
        if self.process is not None:
            for session in psutil.Process(self.process.pid).children(recursive=True):
                session.kill()
            self.process.kill()
            self.process.wait(20)
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as door:
                return door.recv(4) == b"SSH-"
        except OSError:
            return False

    def _keygen(self, name: str, passphrase: str) -> None:
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", self.folder / name],
            check=True,
        )
