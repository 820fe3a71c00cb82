"""A column of values is made what each value of it is made alone, whatever stands beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.contract import Column, DataType
from ingestion.sources.sql.values import converters

VALUES = st.one_of(
    st.none(), st.integers(), st.floats(allow_nan=False), st.binary(max_size=8), st.text(max_size=12),
    st.sampled_from((
        "12.50", "-3", "1.5e3", "1.2.3", ".", "--5", "9" * 19, "NaN", "2026-01-05 10:20:30.1+00", "2026-01-05 10:20:30+01",
        "2026-01-05", "2026-01-05 ", "0044-03-15 10:00:00+00 BC", '{"a": [1]}', '{"a": ',
    )),
)  # fmt: skip


@pytest.mark.parametrize("kind", list(DataType))
@given(values=st.lists(VALUES, max_size=6))
def test_a_value_does_not_depend_on_its_neighbours(kind: DataType, values):
    for at, convert in converters((Column("c", kind, "", True),)):
        together = list(convert(values))
        assert at == 0
        assert repr(together) == repr([value for each in values for value in convert([each])])


@pytest.mark.parametrize(("kind", "written", "meant"), [
    (DataType.TIME, "2026-01-05 10:20:30.1+00", "2026-01-05T10:20:30.1Z"),
    (DataType.TIME, "2026-01-05 10:20:30+01", "2026-01-05T10:20:30+01"),
    (DataType.TIME, "infinity", "infinity"),
    (DataType.TIME, None, None),
    (DataType.NUMBER, "12.50", 12.5),
    (DataType.NUMBER, "-3", -3),
    (DataType.NUMBER, "9" * 19, 1e19),
    (DataType.NUMBER, "1.2.3", "1.2.3"),
    (DataType.NUMBER, "--5", "--5"),
    (DataType.JSON, '{"a": [1]}', {"a": [1]}),
    (DataType.JSON, '{"a": ', '{"a": '),
    (DataType.BINARY, b"a\xff", "a\ufffd"),
])  # fmt: skip
def test_what_values_mean(kind, written, meant):
    [(_, convert)] = converters((Column("c", kind, "", True),))
    assert list(convert([written])) == [meant]
