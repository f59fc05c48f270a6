"""Session tokens: signed, bounded, and dead when they should be."""

import pytest
from itsdangerous import URLSafeSerializer

from processing_units.edge import tokens as tokens_module
from processing_units.edge.tokens import SESSION_SECONDS, Tokens

SECRET = b"a secret of the test"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_tells_its_account_and_roles_in_every_unit():
    clock = Clock()
    token, expires_at = Tokens(SECRET, clock).issue(2**62 + 1, ["scanner", "admin"], generation=3)

    session = Tokens(SECRET, clock).read(token)

    assert session is not None
    assert (session.account, session.roles, session.generation) == (2**62 + 1, frozenset({"admin", "scanner"}), 3)
    assert session.expires_at == expires_at == int(clock.now) + SESSION_SECONDS


def test_two_sessions_of_an_account_are_different_sessions():
    tokens = Tokens(SECRET)
    first, second = (tokens.read(tokens.issue(7, [])[0]) for _ in range(2))

    assert first is not None
    assert second is not None
    assert first.session_id != second.session_id


def test_a_token_is_over_after_twelve_hours_also_when_it_is_known():
    clock = Clock()
    tokens = Tokens(SECRET, clock)
    token, _ = tokens.issue(7, [])

    clock.now += SESSION_SECONDS - 1
    assert tokens.read(token) is not None
    clock.now += 1
    assert tokens.read(token) is None
    assert Tokens(SECRET, clock).read(token) is None


def test_an_ended_session_is_dead_and_others_live():
    tokens = Tokens(SECRET)
    token, expires_at = tokens.issue(7, [])
    other, _ = tokens.issue(7, [])
    session = tokens.read(token)
    assert session is not None

    tokens.end(session.session_id, expires_at)

    assert tokens.read(token) is None
    assert tokens.read(other) is not None


@pytest.mark.parametrize(
    "forged",
    ["", "x", "a.b", "ё" * 20, "x" * 100_000, "W10.AAAA", ".", "\x00", Tokens(b"another secret").issue(7, ["admin"])[0]],
    ids=["empty", "letter", "dots", "letters", "long", "unsigned", "dot", "nul", "another-secret"],
)
def test_what_we_did_not_sign_is_no_session(forged: str):
    assert Tokens(SECRET).read(forged) is None


def test_a_changed_character_makes_a_token_worthless():
    tokens = Tokens(SECRET)
    token, _ = tokens.issue(7, [])
    for at in range(0, len(token), 7):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert Tokens(SECRET).read(changed) is None


def test_a_signed_text_of_another_purpose_is_no_session():
    assert Tokens(SECRET).read(str(URLSafeSerializer(SECRET, salt="something else").dumps([7, 1, ["admin"], "x", 2**40]))) is None


def test_the_cache_is_bounded_and_what_left_it_is_read_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens_module, "CACHE_MAX", 10)
    tokens = Tokens(SECRET)
    issued = [tokens.issue(number, [])[0] for number in range(1, 31)]

    read = [tokens.read(token) for token in issued]

    assert [session.account for session in read if session] == list(range(1, 31))
    assert len(tokens._known) == 10


def test_ended_sessions_are_forgotten_when_they_would_be_over_anyway(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens_module, "ENDED_MAX", 5)
    clock = Clock()
    tokens = Tokens(SECRET, clock)
    for number in range(5):
        tokens.end(f"old-{number}", int(clock.now) + 10)
    clock.now += 60

    tokens.end("new", int(clock.now) + 10)

    assert tokens.ended == 1
