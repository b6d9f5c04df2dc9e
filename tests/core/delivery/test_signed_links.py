from __future__ import annotations

import base64
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.delivery.signed_links import LinkClaims, LinkKey, Signer, expiry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = LinkKey(b"key1", b"\x01" * 32)
OTHER = LinkKey(b"key2", b"\x02" * 32)
CLAIM = LinkClaims(bytes(range(16)), NOW + timedelta(days=7))
SIGNER = Signer([KEY])

moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone


@given(st.binary(min_size=16, max_size=16), moments)
def test_what_was_signed_is_read_as_it_was(file_id: bytes, moment: datetime) -> None:
    claim = LinkClaims(file_id, moment.replace(microsecond=0))

    token = SIGNER.token(claim)

    assert SIGNER.read(token) == claim
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


def test_every_single_bit_counts() -> None:
    content = base64.urlsafe_b64decode(SIGNER.token(CLAIM))
    flipped = [
        content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
        for place in range(len(content))
        for bit in range(8)
    ]

    assert len(flipped) == len(content) * 8
    assert all(SIGNER.read(base64.urlsafe_b64encode(wrong).decode()) is None for wrong in flipped)


def test_every_single_bit_of_the_text_counts_too() -> None:
    token = SIGNER.token(CLAIM).encode()

    for place in range(len(token)):
        for bit in range(8):
            wrong = bytearray(token)
            wrong[place] ^= 1 << bit
            assert SIGNER.read(wrong.decode("latin-1")) is None


def test_a_part_of_a_token_is_none_and_neither_is_more_than_one() -> None:
    token = SIGNER.token(CLAIM)
    parts = [token[:length] for length in range(len(token))]

    for wrong in [*parts, f"{token}A", f"{token}=", f"{token}\n", f" {token}", token + token, token[::-1]]:
        assert SIGNER.read(wrong) is None


@given(st.text(max_size=120))
def test_no_made_up_text_is_a_link(text: str) -> None:
    assert SIGNER.read(text) is None


@given(st.binary(min_size=57, max_size=57))
def test_nothing_of_the_right_length_is_a_link_either(content: bytes) -> None:
    assert SIGNER.read(base64.urlsafe_b64encode(content).decode()) is None


def test_another_installations_key_opens_nothing_even_under_the_same_id() -> None:
    stranger = Signer([LinkKey(KEY.id, OTHER.secret)])

    assert SIGNER.read(stranger.token(CLAIM)) is None


def test_an_old_key_reads_what_it_signed_until_it_is_taken_away() -> None:
    before, between, after = Signer([KEY]), Signer([KEY, OTHER]), Signer([OTHER])
    old, new = before.token(CLAIM), between.token(CLAIM)

    assert between.read(old) == between.read(new) == CLAIM
    assert after.read(old) is None
    assert after.read(new) == CLAIM
    assert before.read(new) is None


def test_links_with_neighbouring_ids_have_nothing_in_common_that_could_be_guessed() -> None:
    tokens = [SIGNER.token(LinkClaims(bytes(15) + bytes([last]), CLAIM.expires_at)) for last in range(50)]
    seals = {base64.urlsafe_b64decode(token)[-32:] for token in tokens}

    assert len(seals) == 50
    for one, other in itertools.pairwise(tokens):
        assert SIGNER.read(one[:-43] + other[-43:]) is None


def test_a_link_lives_for_seven_days_at_most() -> None:
    assert expiry(NOW, timedelta(days=7)) == NOW + timedelta(days=7)
    for wrong in (timedelta(days=7, seconds=1), timedelta(), timedelta(days=-1)):
        with pytest.raises(ValueError, match="7 days at most"):
            expiry(NOW, wrong)


def test_a_key_does_not_show_in_its_representation() -> None:
    assert "secret" not in repr(KEY)
