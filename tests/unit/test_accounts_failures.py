"""Guessing passwords is slow; memory for it is bounded."""

from processing_units.accounts.failures import PER_ADDRESS, PER_LOGIN, PER_LOGIN_AND_ADDRESS, Failures, Limit, SignInLimits

HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_login_must_wait_after_ten_failures_from_one_address_and_not_from_another():
    clock = Clock()
    limits = SignInLimits(Failures(clock=clock))
    for _ in range(PER_LOGIN_AND_ADDRESS.failures):
        assert limits.wait("anna", HERE, trusted=False) == 0.0
        limits.failed("anna", HERE, trusted=False)

    assert limits.wait("anna", HERE, trusted=False) == PER_LOGIN_AND_ADDRESS.seconds
    assert limits.wait("anna", THERE, trusted=False) == 0.0
    assert limits.wait("boris", HERE, trusted=False) == 0.0
    clock.now += PER_LOGIN_AND_ADDRESS.seconds
    assert limits.wait("anna", HERE, trusted=False) == 0.0


def test_an_address_that_tries_many_logins_must_wait_unless_it_is_trusted():
    limits = SignInLimits(Failures(clock=Clock()))
    for number in range(PER_ADDRESS.failures):
        limits.failed(f"login{number}", HERE, trusted=False)
        limits.failed(f"login{number}", THERE, trusted=True)

    assert limits.wait("fresh", HERE, trusted=False) > 0
    assert limits.wait("fresh", THERE, trusted=True) == 0.0


def test_one_login_guessed_from_many_addresses_must_wait():
    limits = SignInLimits(Failures(clock=Clock()))
    for number in range(PER_LOGIN.failures):
        limits.failed("anna", f"192.0.2.{number}", trusted=False)

    assert limits.wait("anna", "198.51.100.1", trusted=False) > 0


def test_success_forgets_the_failures_of_the_login_at_that_address():
    limits = SignInLimits(Failures(clock=Clock()))
    for _ in range(PER_LOGIN_AND_ADDRESS.failures - 1):
        limits.failed("anna", HERE, trusted=True)
    limits.succeeded("anna", HERE)
    limits.failed("anna", HERE, trusted=True)

    assert limits.wait("anna", HERE, trusted=True) == 0.0


def test_a_window_begins_anew_when_it_is_over():
    clock = Clock()
    failures, limit = Failures(clock=clock), Limit(2, 10.0)
    failures.record("key", limit)
    clock.now += 10.0
    failures.record("key", limit)

    assert failures.wait("key", limit) == 0.0


def test_counters_are_bounded():
    failures, limit = Failures(keys_max=100, clock=Clock()), Limit(1, 10.0)
    for number in range(1_000):
        failures.record(number, limit)

    assert len(failures._windows) == 100
    assert failures.wait(999, limit) > 0
