"""What infra/up is asked for: the ports that follow from one, and options that make no sense."""

import pytest

from infra.options import Remembered, parse, recall, remember
from infra.places import CHECKOUT, LONGEST_SOCKET_PATH, Places
from infra.ports import MEMBER_SLOTS, SPAN, UNIT_SLOTS, Ports
from infra.stop import Stop


def every_port(base):
    ports = Ports(base)
    units = [port for number in range(1, UNIT_SLOTS + 1) for port in (ports.unit(number), ports.unit_operations(number))]
    members = [port for number in range(1, MEMBER_SLOTS + 1) for port in (ports.member(number), ports.member_clients(number))]
    return [ports.site, ports.provider, ports.pump_operations, ports.worker_operations, ports.postgres, *units, *members]


def test_no_two_uses_share_a_port():
    assert len(set(every_port(8000))) == len(every_port(8000))


def test_a_system_stays_within_its_span():
    assert min(every_port(8000)) == 8000
    assert max(every_port(8000)) <= 8000 + SPAN


def test_there_is_no_unit_beyond_the_last_slot():
    with pytest.raises(ValueError, match="slots 1 to 8"):
        Ports().unit(UNIT_SLOTS + 1)


def test_the_default_is_three_members_and_two_units():
    options = parse([])
    assert (options.members, options.members_max, options.units, options.hold_seconds) == (3, 3, 2, 300.0)
    assert options.demonstration
    assert not options.detach


def test_more_members_than_three_raise_the_maximum():
    assert parse(["--members", "5"]).members_max == 5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--members", "1"], "--members must lie between 2 and 3"),
        (["--members", "4", "--members-max", "3"], "--members must lie between 2 and 3"),
        (["--members-max", "10", "--members", "9"], "--members-max must lie between 1 and 9"),
        (["--units", "0"], "--units must lie between 1 and 8"),
        (["--units", "9"], "--units must lie between 1 and 8"),
        (["--hold-seconds", "0"], "--hold-seconds must lie"),
        (["--heap", "32"], "--heap must lie between 64 and 32768"),
        (["--port", "80"], "--port must lie"),
        (["--port", "65500"], "--port must lie"),
    ],
)
def test_an_impossible_option_is_named(arguments, complaint):
    with pytest.raises(Stop, match=complaint):
        parse(arguments)


def test_the_run_directory_is_the_options_then_the_environments_then_the_checkouts(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUN_DIR", "elsewhere")
    assert Places.of("here").run_dir == tmp_path / "here"
    assert Places.of(None).run_dir == tmp_path / "elsewhere"
    monkeypatch.delenv("RUN_DIR")
    assert Places.of(None).run_dir == CHECKOUT / ".run"


def test_a_socket_below_a_long_path_goes_to_a_short_place(tmp_path):
    deep = Places(tmp_path / ("long" * 30))
    assert len(str(deep.supervisor_socket)) <= LONGEST_SOCKET_PATH
    assert deep.supervisor_socket == Places(tmp_path / ("long" * 30)).supervisor_socket


def test_what_was_started_is_remembered(tmp_path):
    places = Places(tmp_path)
    assert recall(places) is None
    remember(places, Remembered(9000, 3, 5, 2, 6.0, own_postgres=True))
    assert recall(places) == Remembered(9000, 3, 5, 2, 6.0, own_postgres=True)


def test_a_spoilt_memory_says_what_helps(tmp_path):
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(Stop, match="remove it"):
        recall(Places(tmp_path))
