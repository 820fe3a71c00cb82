"""How fast the audit trail is verified and sealed, against the COPY of the same rows that does nothing with them.

    python -m benchmarks audit

ROWS says how many (a million by default). A round reads all of them: plainly, and verified, by turns.
"""

import os
import time
from collections.abc import Callable
from statistics import median

import psutil

from benchmarks._installation import Installation
from benchmarks.results import Figure

ROWS = int(os.environ.get("ROWS", "1000000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
# As a look at a person leaves it: two pseudonyms, three categories, what was searched for.
_FILL = """
INSERT INTO compliance_auditentry (actor_kind, actor, address, action, target, subjects, categories, purpose, detail)
SELECT 'staff', 'mia', '10.0.0.7', 'person.read', 'profile ' || n, ARRAY[gen_random_uuid(), gen_random_uuid()],
    '{identity,contact,behaviour}', 'marketing', jsonb_build_object('results', n, 'criteria', 'plan is gold')
FROM generate_series(1, %s) n
"""


def run() -> list[Figure]:
    """Fill, seal, read."""
    with Installation() as installation:
        installation.enter()
        from django.db import connection  # noqa: PLC0415 -- needs Django

        from compliance.sealing.sealer import seal  # noqa: PLC0415 -- needs Django
        from compliance.sealing.verifying import verify  # noqa: PLC0415 -- needs Django

        with installation.connect() as session:
            session.execute(_FILL, [ROWS])
            session.execute("VACUUM ANALYZE compliance_auditentry")
            sealed = _rate(lambda: seal(longest_s=3600))
            session.execute("VACUUM ANALYZE compliance_auditentry")
        plain, checked, own, servers = [], [], 0.0, 0.0
        pid = connection.connection.info.backend_pid
        for _ in range(ROUNDS):
            plain.append(_rate(_read))
            before = time.process_time(), _server_seconds(pid)
            checked.append(_rate(lambda: verify().rows))
            own += time.process_time() - before[0]
            servers += _server_seconds(pid) - before[1]
        connection.close()
    busiest = max(own, servers)  # they work side by side, so that the busier one decides
    return [
        Figure("verify_audit", median(checked), "rows/s", ">= 100,000", floor=median(plain), detail=_all(checked)),
        Figure("verify_audit, by processor time", ROWS * ROUNDS / busiest, "rows/s",
            detail=f"{own:.1f} s its own, {servers:.1f} s of the server for {ROWS * ROUNDS:,} rows"),
        Figure("sealing a backlog", sealed, "rows/s", detail=f"{ROWS:,} rows"),
    ]  # fmt: skip


def _read() -> int:
    """The floor: the rows in the order of the chain, and nothing done with them."""
    from django.db import connection, transaction  # noqa: PLC0415 -- needs Django

    from compliance.sealing import verifying  # noqa: PLC0415 -- needs Django

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verifying._STEPS)  # noqa: SLF001 -- the very plan
        query = verifying._ROWS.format(first=1)  # noqa: SLF001 -- the very rows
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
            return sum(1 for _ in copy) - 1


def _rate(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    count = work()
    if count != ROWS:
        raise SystemExit(f"{count:,} instead of {ROWS:,} rows")
    return count / (time.perf_counter() - began)


def _server_seconds(pid: int) -> float:
    """Processor time of the session's server process."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _all(rates: list[float]) -> str:
    return ", ".join(f"{rate:,.0f}" for rate in rates)


if __name__ == "__main__":
    for figure in run():
        print(figure)
