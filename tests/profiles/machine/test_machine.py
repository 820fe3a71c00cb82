"""Whatever happens in whatever order, the people in the database are those of the pure function.

`IDENTITY_EXAMPLES=500 IDENTITY_STEPS=50` has it try longer than the suite has time for. A failure is shown as it was
found: making it smaller takes minutes, on a database.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from profiles.models import Namespace
from tests.profiles.builder.driver import Driver
from tests.profiles.builder.picture import clear
from tests.profiles.machine.machine import NOW, Machine

EXAMPLES = int(os.environ.get("IDENTITY_EXAMPLES", "15"))
STEPS = int(os.environ.get("IDENTITY_STEPS", "15"))


@pytest.fixture
def machine(builder: Driver):
    """A machine that begins anew each time, by the rules that come with the product."""
    rules = list(Namespace.objects.all())
    builder.now = NOW
    builder.connection.execute("SET synchronous_commit = off")
    builder.connection.commit()

    def anew() -> Machine:
        builder.connection.execute("DELETE FROM compliance_suppressedidentifier; DELETE FROM log_record")
        clear(builder.connection)
        builder.published = []
        for each in rules:
            each.save()
        return Machine(builder)

    return anew


def test_both_agree_after_every_step(machine):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
