"""What is looked at before anything starts, and how its absence is told."""

import socket

import pytest

from infra import secrets
from infra.machine import check_disk, check_ports, find_java
from infra.stop import Stop, run_command


def a_kit(place, version):
    (place / "bin").mkdir(parents=True)
    compiler = place / "bin" / "javac"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    (place / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return place


@pytest.mark.parametrize(("version", "number"), [("17.0.15", 17), ("21", 21), ("25.0.1", 25)])
def test_a_kit_of_seventeen_or_later_will_do(tmp_path, version, number):
    found = find_java({"JAVA_HOME": str(a_kit(tmp_path / "jdk", version))})
    assert found is not None
    assert found.version == number


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_392"])
def test_an_old_java_that_somebody_chose_is_named(tmp_path, version):
    home = a_kit(tmp_path / "jdk", version)
    with pytest.raises(Stop, match=f"wrong Java: 17 or later is needed, JAVA_HOME={home} is "):
        find_java({"JAVA_HOME": str(home)})


def test_a_runtime_without_a_compiler_is_no_kit(tmp_path):
    (tmp_path / "jre" / "bin").mkdir(parents=True)
    with pytest.raises(Stop, match="holds no development kit"):
        find_java({"JAVA_HOME": str(tmp_path / "jre")})


def test_a_full_disk_is_told_in_one_line(tmp_path):
    with pytest.raises(Stop, match=r"no disk: .* GiB free at .* is needed") as stop:
        check_disk(tmp_path / "not" / "yet" / "there", least=1 << 60)
    assert "\n" not in str(stop.value)


def test_every_taken_port_is_named_with_its_use():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        taken, also = one.getsockname()[1], other.getsockname()[1]
        with pytest.raises(Stop) as stop:
            check_ports([(taken, "the site"), (also, "PostgreSQL")])
    assert f"{taken} (the site)" in str(stop.value)
    assert f"{also} (PostgreSQL)" in str(stop.value)


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "session"
    made = secrets.ensure(path)
    assert secrets.ensure(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made) >= 32


def test_a_command_that_cannot_go_on_says_why_in_one_line(capsys):
    def body():
        raise Stop("port taken")

    with pytest.raises(SystemExit) as end:
        run_command("infra/up", body)
    assert end.value.code == 1
    assert capsys.readouterr().err == "infra/up: port taken\n"
