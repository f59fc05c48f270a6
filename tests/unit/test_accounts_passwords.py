"""Passwords are hashed off the loop, in a bounded queue; common ones are known."""

import asyncio
import time
import unicodedata
from collections.abc import Iterator

import pytest

from processing_units.accounts.passwords import Passwords, PasswordsBusy, is_common

GOOD = "корректная-Лошадь-7 батарея"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(threads=2, queue_max=4)
    yield made
    made.close()


async def test_the_right_password_matches_its_hash_and_others_do_not(passwords: Passwords):
    stored = await passwords.hash(GOOD)

    assert stored.startswith("$argon2id$")
    assert GOOD not in stored
    assert await passwords.verify(stored, GOOD)
    assert not await passwords.verify(stored, GOOD + " ")


async def test_the_same_letters_typed_on_another_keyboard_match(passwords: Passwords):
    stored = await passwords.hash(unicodedata.normalize("NFC", "ёлочка-и-йод"))

    assert await passwords.verify(stored, unicodedata.normalize("NFD", "ёлочка-и-йод"))


async def test_no_login_takes_as_long_as_a_wrong_password_and_never_matches(passwords: Passwords):
    stored = await passwords.hash(GOOD)
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(5):
        for known in (True, False):
            began = time.perf_counter()
            assert not await passwords.verify(stored if known else None, "wrong password here")
            times[known].append(time.perf_counter() - began)

    assert min(times[False]) > min(times[True]) / 3


async def test_a_broken_hash_matches_nothing(passwords: Passwords):
    assert not await passwords.verify("not a hash", GOOD)


async def test_one_more_than_the_queue_takes_is_refused_at_once(passwords: Passwords):
    waiting = [asyncio.create_task(passwords.hash(GOOD)) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(PasswordsBusy):
        await passwords.hash(GOOD)

    assert len(await asyncio.gather(*waiting)) == 4
    assert await passwords.hash(GOOD)


async def test_the_loop_goes_on_while_passwords_are_hashed(passwords: Passwords):
    hashing = asyncio.gather(*(passwords.hash(GOOD) for _ in range(4)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    await hashing

    assert turns >= 10


@pytest.mark.parametrize("password", ["password", "12345678", "Password", "qwertyuiop", "PASSWORD1", "iloveyou"])
def test_what_everybody_tries_first_is_common(password: str):
    assert is_common(password)


@pytest.mark.parametrize("password", [GOOD, "ещё одна Лошадь 8", "xK4-ruled-plank"])
def test_what_nobody_else_has_is_not_common(password: str):
    assert not is_common(password)
