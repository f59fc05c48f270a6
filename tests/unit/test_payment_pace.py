"""How fast payments may start."""

from processing_units.payments.pace import Pace


def test_a_burst_is_bounded_and_time_gives_more():
    now = [0.0]
    pace = Pace(per_second=10, clock=lambda: now[0])
    assert sum(pace.take() for _ in range(50)) == 10
    now[0] += 0.25
    assert sum(pace.take() for _ in range(50)) == 2
    now[0] += 3600
    assert sum(pace.take() for _ in range(50)) == 10


def test_less_than_one_a_second_still_lets_one_start():
    now = [0.0]
    pace = Pace(per_second=0.1, clock=lambda: now[0])
    assert pace.take()
    assert not pace.take()
    now[0] += 10
    assert pace.take()
