"""Bytes as people can read them."""

import pytest

from cdp_site.pipeline.contents import SHOWN, content_of


def test_json_is_indented():
    content = content_of(b'{"a":[1]}')
    assert content is not None
    assert (content.is_json, content.text) == (True, '{\n  "a": [\n    1\n  ]\n}')


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain \xc3\xa9", "plain é"),
        (b"\x1b[31mred\r\n\x00", "\\x1b[31mred\\r\n\\x00"),
        ("a\u202ecba".encode(), "a\\u202ecba"),
        (b"\xff\xfe", None),
        (b"", ""),
    ],
)
def test_text_has_its_controls_spelt_out(raw, text):
    content = content_of(raw)
    assert content is not None
    assert content.text == text


def test_hex_has_offsets_and_what_is_readable():
    content = content_of(b"0123456789abcdef\x00z")
    assert content is not None
    assert content.hex.splitlines() == [
        "00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        "00000010  00 7a                                            ·z",
    ]


def test_only_the_beginning_of_what_is_long_is_shown():
    content = content_of("é".encode() * SHOWN)
    assert content is not None
    assert (content.size, content.is_cut) == (2 * SHOWN, True)
    assert content.text == "é" * (SHOWN // 2)


def test_json_that_is_nested_too_deeply_is_shown_as_text():
    content = content_of(b"[" * 5000)
    assert content is not None
    assert not content.is_json


def test_no_bytes_are_no_content():
    assert content_of(None) is None
