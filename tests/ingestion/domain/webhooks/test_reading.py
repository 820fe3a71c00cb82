"""Bodies as senders write them become records, or an error with a name."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.domain.events import text_of_bytes
from ingestion.domain.webhooks.reading import Unreadable, records_of

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "records"),
    [
        (b'{"a": 1}', JSON, [{"a": 1}]),
        (b'{"a": 1}', FORM, [{"a": 1}]),
        (b'{"a": 1}', "", [{"a": 1}]),
        (b'[{"a": 1}, 2]', JSON, [{"a": 1}, 2]),
        (b'{"a": 1}\n\n{"a": 2}\n', "application/x-ndjson", [{"a": 1}, {"a": 2}]),
        (b'\xef\xbb\xbf{"a": 1}', JSON, [{"a": 1}]),
        ('{"a": "é"}'.encode("utf-16"), JSON, [{"a": "é"}]),
        ('{"a": "é"}'.encode("utf-16-le"), JSON, [{"a": "é"}]),
        ('{"a": "é"}'.encode("utf-32"), JSON, [{"a": "é"}]),
        ('{"a": "é"}'.encode("latin-1"), "application/json; charset=ISO-8859-1", [{"a": "é"}]),
        ('{"a": "é"}'.encode("latin-1"), JSON, [{"a": "\ufffd"}]),
        ('{"a": "é"}'.encode(), 'application/json; charset="nonsense"', [{"a": "é"}]),
        (b'{"a": "x"}', "application/json; charset=base64", [{"a": "x"}]),
        (b'{"a": 1, "a": 2}', JSON, [{"a": 2}]),
        (b'{"a": "\\u0000\\ud83d", "b": NaN}', JSON, [{"a": "\ufffd\ufffd", "b": None}]),
        (b"From=%2B49&Body=hi+there&To=a&To=b&To=c", FORM, [{"From": "+49", "Body": "hi there", "To": ["a", "b", "c"]}]),
        (b"payload=%7B%22a%22%3A1%7D", FORM, [{"a": 1}]),
    ],
)  # fmt: skip
def test_bodies_as_senders_write_them(body: bytes, content_type: str, records: list[Any]) -> None:
    assert records_of(body, content_type) == records


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"", JSON, "empty_body"),
        (b" \n\0", JSON, "empty_body"),
        (b"[]", JSON, "empty_body"),
        (b"<xml/>", JSON, "invalid_json"),
        (b'{"a": 1', JSON, "invalid_json"),
        (b"[" * 100_000, JSON, "invalid_json"),
        (b"payload=%7B", FORM, "invalid_json"),
        (b"a=1&" * 2000, FORM, "too_many_fields"),
        (b"[" + b"1," * 1000 + b"1]", JSON, "too_many_records"),
        (b"\xff\xfe\x00", JSON, "wrong_encoding"),
        (b"\x80", "application/json; charset=utf-16", "wrong_encoding"),
    ],
)
def test_what_holds_no_records_says_why(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        records_of(body, content_type)
    assert caught.value.code == code


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([JSON, FORM, "application/x-ndjson", "text/plain; charset=utf-16", "x; charset=idna"]),
)
def test_any_body_is_records_or_an_error_with_a_name_and_can_be_kept(body: bytes, content_type: str) -> None:
    orjson.dumps(text_of_bytes(body))
    with suppress(Unreadable):
        orjson.dumps(records_of(body, content_type))
