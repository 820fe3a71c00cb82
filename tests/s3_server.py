"""A real S3-compatible server with real signatures (S3Proxy on Java), over a folder of this machine."""

import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from tests.s3_jar import provision_jar
from tests.smtp_sink import unused_port
from tests.waiting import eventually

ACCESS_KEY, SECRET_KEY = "headwater-tests", "the secret of the tests"
_CONFIGURATION = """
s3proxy.endpoint=http://127.0.0.1:{port}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={identity}
s3proxy.credential={credential}
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir={folder}
"""


@dataclass
class S3Server:
    """The server. A folder of `folder/buckets` is a bucket; what is put into it is an object."""

    folder: Path
    port: int = field(default_factory=unused_port)
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def bucket(self) -> Path:
        return self.folder / "buckets" / "exports"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "endpoint": f"127.0.0.1:{self.port}", "transport": "plain", "region": "us-east-1", "bucket": "exports", "prefix": "",
            "access_key": ACCESS_KEY, "secret_key": SECRET_KEY,
        }  # fmt: skip

    def start(self) -> None:
        self.bucket.mkdir(parents=True, exist_ok=True)
        written = self.folder / "s3proxy.conf"
        written.write_text(
            _CONFIGURATION.format(
                port=self.port, identity=ACCESS_KEY, credential=SECRET_KEY, folder=self.folder / "buckets"
            )
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["java", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", provision_jar(), "--properties", written],
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        eventually(self._answers, f"S3Proxy answers ({self.folder / 'log'} says why not)", 90)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process = None

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True
