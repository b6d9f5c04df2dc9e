"""A key that a gateway repeats is found in every spelling; what is no key stays as it is."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.http.redaction import redact, redact_body

KEY = "sk-live_AbC/12+34=e~&<x>"


def percent(key: str) -> str:
    return "".join(f"%{byte:02X}" for byte in key.encode())


def numbered(key: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in key)


SPELLINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.lower,
    json.dumps,
    lambda key: json.dumps(json.dumps({"key": key})),
    lambda key: key.replace("/", "\\/"),
    lambda key: quote(key, safe=""),
    lambda key: quote(quote(key, safe=""), safe=""),
    percent,
    numbered,
    lambda key: json.dumps(numbered(key)),
    html.escape,
    lambda key: "".join(f"&#{ord(character)};" for character in key),
    *(
        lambda key, before=before, code=code: code(f"{before}{key}:rest".encode()).decode()
        for before in ("", "a", "ab", "Bearer ")
        for code in (b64encode, urlsafe_b64encode)
    ),
]


@pytest.mark.parametrize("spelled", SPELLINGS, ids=range(len(SPELLINGS)))
def test_a_key_is_taken_out_however_it_is_spelled(spelled: Callable[[str], str]) -> None:
    words = f'{{"error": "Incorrect key {spelled(KEY)} given"}}'
    readable = KEY.replace("&", "").casefold()

    for kept in (redact(words, KEY), redact_body(words.encode(), KEY).decode()):
        assert kept.startswith('{"error": "Incorrect key ')
        assert spelled(KEY).strip('"\\') not in kept
        assert readable not in kept.casefold()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_a_body_is_json_still_in_whatever_encoding_it_came(encoding: str) -> None:
    body = json.dumps({"message": f"Incorrect key {KEY}", "id": "t-1"}).encode(encoding)

    kept = json.loads(redact_body(body, KEY))

    assert kept == {"message": "Incorrect key ***", "id": "t-1"}


@given(body=st.binary(max_size=300))
def test_a_body_without_the_key_stays_as_it_came(body: bytes) -> None:
    assert redact_body(body, KEY) == body


@given(
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
)
def test_no_key_is_left_in_base64(key: str, before: str, after: str) -> None:
    coded = b64encode(f"{before}{key}{after}".encode()).decode()

    assert redact(coded, key) != coded
