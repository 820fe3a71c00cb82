"""The order of a run in lanes (`make test`): each lane takes a file at a time, the long ones first.

There is a lane more than cores, because tests on real components wait for them a fifth of their time. Their files are
long, and would keep one lane busy alone if they came last; those on Kafka come first, so that its clusters rest
afterwards. Within each kind the order stays random.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.kafka_rest import needs_kafka
from tests.second_tries import drives_real_components


def files_on_kafka(items: Iterable[pytest.Item]) -> frozenset[Path]:
    """The files with a test on a cluster."""
    return frozenset(item.path for item in items if needs_kafka(item))


def begin_with_long_files(items: list[pytest.Item]) -> None:
    """Sort the files with tests on real components to the front; a file's tests stay together."""
    first, long = files_on_kafka(items), {item.path for item in items if drives_real_components(item)}
    items.sort(key=lambda item: (item.path not in first, item.path not in long))
