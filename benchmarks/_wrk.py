"""wrk with prepared requests: what it counted, and how long answers took."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
local requests, at = {}, 0
function init(arguments)
  local signatures = arguments[2] and io.lines(arguments[2])
  for body in io.lines(arguments[1]) do
    local headers = {}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    if signatures then headers["X-Hub-Signature-256"] = signatures() end
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""
_ASKING = """
local requests, at = {}, 0
function init(arguments)
  for path in io.lines(arguments[1]) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""
_DONE = """
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests": %d, "microseconds": %d, "wrong": %d, "p50": %d, "p99": %d}\\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run of wrk came to; latencies in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    wrong: int


def drive(
    url: str,
    bodies: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    headers: Sequence[str] = (),
    signatures: Sequence[str] = (),
) -> Counted:
    """Send the bodies over and over through so many connections, each sending again once it was answered.

    `signatures` are those of the bodies, one each, sent as GitHub does.
    """
    with tempfile.TemporaryDirectory(prefix="headwater-wrk-") as directory:
        lines = Path(directory, "bodies")
        lines.write_bytes(b"\n".join(bodies) + b"\n")
        arguments = [str(lines)]
        if signatures:
            signed = Path(directory, "signatures")
            signed.write_text("\n".join(signatures) + "\n")
            arguments.append(str(signed))
        return _run(_SCRIPT, url, arguments, connections=connections, seconds=seconds, headers=headers)


def ask(
    url: str, paths: Sequence[str], *, connections: int, seconds: float, headers: Sequence[str] = ()
) -> Counted:
    """Ask for the paths over and over through so many connections, each asking again once it was answered."""
    with tempfile.TemporaryDirectory(prefix="headwater-wrk-") as directory:
        lines = Path(directory, "paths")
        lines.write_text("\n".join(paths) + "\n")
        return _run(_ASKING, url, [str(lines)], connections=connections, seconds=seconds, headers=headers)


def _run(
    asking: str,
    url: str,
    arguments: Sequence[str],
    *,
    connections: int,
    seconds: float,
    headers: Sequence[str],
) -> Counted:
    script = Path(arguments[0]).with_name("script.lua")
    script.write_text(asking + _DONE)
    options = ["-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s", str(script)]
    options += [part for header in headers for part in ("-H", header)]
    command = ["wrk", *options, url, "--", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Counted(
        found["requests"],
        found["requests"] / found["microseconds"] * 1e6,
        found["p50"] / 1000,
        found["p99"] / 1000,
        found["wrong"],
    )
