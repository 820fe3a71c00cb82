"""The collector's way into the log."""

import pytest

from ingestion.collector.gate import LogGate
from streaming.contracts.log import EventLog, LogDenied


def test_what_keeps_the_log_from_being_opened_is_said_once_and_shown(caplog: pytest.LogCaptureFixture):
    def open_log() -> EventLog:
        raise LogDenied("Kafka does not accept the login of 'collector'")

    gate = LogGate(open_log, lambda _log: None)
    for _ in range(2):
        with pytest.raises(LogDenied):
            gate.opened()
    assert gate.trouble == "Kafka does not accept the login of 'collector'"
    assert not gate.admits()
    assert caplog.text.count(gate.trouble) == 1
