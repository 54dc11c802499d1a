"""Passwords and second factors: which will do, how they are kept, and how long a guesser waits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pyotp
import pytest

from config.time import read_instant
from models.attempts import pause
from models.passwords import LONGEST, SHORTEST, fault, hash_password, is_password
from models.second_factor import code_digest, in_fours, is_recovery_code, new_codes, new_seed, seed_address, step_of

DANA = ("Dana Okoro", "dana.okoro@oakfield.example")
WALL = read_instant("2026-03-02T09:00:10", "at")
ONE = UUID("5f2c0c9e-3a0b-4d57-9d0e-2f1b8a6c7d11")
OTHER = UUID("5f2c0c9e-3a0b-4d57-9d0e-2f1b8a6c7d12")


@pytest.mark.parametrize(
    "password",
    [
        "lantern tapestry",
        "Dana likes blue tea at noon",
        "correct horse battery",
        "zx" + "kqwmvnbdrt",
        "日本語の長い合言葉です本当に",
    ],
)
def test_long_ones_will_do(password: str) -> None:
    """Whatever they are made of; no capitals, digits or signs are asked for."""
    assert fault(password, DANA) is None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("a" * (SHORTEST - 1), "12 characters or more"),
        ("otter" * 50, f"{LONGEST} characters or fewer"),
        ("aaaaaaaaaaaa", "tried first"),
        ("abcabcabcabc", "tried first"),
        ("abcdefghijkl", "tried first"),
        ("210987654321", "tried first"),
        ("qwertyuiopas", "tried first"),
        ("Password12345!", "tried first"),
        ("PasswordPassword", "tried first"),
        ("Safeguarding2026", "tried first"),
        ("            ", "tried first"),
        ("Dana.Okoro.2026", "name or e-mail"),
        ("oakfield-okoro!", "name or e-mail"),
        ("dana.okoro@oakfield.example", "name or e-mail"),
    ],
)
def test_what_others_would_try_will_not_do(password: str, said: str) -> None:
    """Too short, too long, first on every list, or known of the person."""
    assert said in str(fault(password, DANA))


async def test_a_password_is_kept_so_that_nobody_can_read_it() -> None:
    """Argon2id with its own salt; the same letters count however a keyboard sends them."""
    kept = await hash_password("pâte à crêpes fine")
    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert kept != await hash_password("pâte à crêpes fine")
    assert await is_password(kept, "pa\u0302te a\u0300 cre\u0302pes fine")
    assert not await is_password(kept, "pate a crepes fine")
    assert not await is_password(None, "pâte à crêpes fine")
    assert not await is_password("of another program", "pâte à crêpes fine")


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (5_000, 60)]
)
def test_how_long_a_guesser_waits(failures: int, minutes: int) -> None:
    """Five for nothing, then a minute, doubling to an hour."""
    assert pause(failures) == timedelta(minutes=minutes)


def test_a_code_is_of_its_half_minute_or_a_neighbour() -> None:
    """Its step is what is remembered, so that it counts once; spaces do not matter."""
    seed = new_seed()
    now = int(WALL.timestamp()) // 30
    for step in range(now - 3, now + 4):
        code = pyotp.TOTP(seed).at(step * 30)
        assert step_of(seed, f"{code[:3]} {code[3:]}", WALL) == (step if abs(step - now) <= 1 else None)
    assert step_of(seed, "é" * 6, WALL) is None
    assert step_of("", pyotp.TOTP(seed).at(now * 30), WALL) is None


def test_an_authenticator_is_told_whose_it_is() -> None:
    """The picture says this program and the e-mail address; the key can be typed in groups of four."""
    seed = new_seed()
    address = seed_address(seed, "dana.okoro@oakfield.example")
    assert address.startswith("otpauth://totp/Neglect%20Pathway:dana.okoro")
    assert f"secret={seed}" in address
    assert in_fours(seed).replace(" ", "") == seed
    assert len(in_fours(seed).split()) == 8


def test_recovery_codes_cannot_be_guessed_or_mistaken() -> None:
    """Eighty bits each, without letters that look like digits; one person's are none of another's."""
    codes = new_codes()
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 and not set("ILOU") & set(code) for code in codes)
    assert all(is_recovery_code(code) for code in codes)
    assert not is_recovery_code("123 456")
    assert code_digest(ONE, codes[0]) == code_digest(ONE, codes[0].lower().replace("-", " "))
    assert code_digest(ONE, "0110-0000-0000-0000") == code_digest(ONE, "OiL0-0000-0000-0000")
    assert code_digest(ONE, codes[0]) != code_digest(OTHER, codes[0])
    assert codes[0].replace("-", "") not in code_digest(ONE, codes[0])
