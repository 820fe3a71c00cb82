"""The order of a run in lanes (`make test`): each lane takes a file at a time, the long ones first.

There is a lane more than cores, because tests on real components wait for them a fifth of their time. Their files are
long, and would keep one lane busy alone if they came last. Within the two kinds the order stays random.
"""

import pytest

from tests.second_tries import drives_real_components


def begin_with_long_files(items: list[pytest.Item]) -> None:
    """Sort the files with tests on real components to the front; a file's tests stay together."""
    long = {item.path for item in items if drives_real_components(item)}
    items.sort(key=lambda item: item.path not in long)
