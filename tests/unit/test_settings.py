"""What a process is told by its environment, and how it says that it was told nonsense."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.places import CHECKOUT
from infra.settings import Settings, from_environment, variable_of


def test_an_empty_environment_gives_the_defaults():
    assert from_environment({}) == Settings()


def test_every_kind_of_value_is_read():
    told = {
        "FRONT_ROW_SITE": "https://tickets.example", "FRONT_ROW_RUN_DIR": "/somewhere", "FRONT_ROW_PORT": "8001",
        "FRONT_ROW_HOLD_SECONDS": "2.5", "FRONT_ROW_GRID_MEMBERS": "a:1, b:2,", "FRONT_ROW_PAYMENT_PROVIDERS": " other , sandbox,",
        "FRONT_ROW_PAYMENT_STARTS_PER_SECOND": "50", "FRONT_ROW_SANDBOX_REPEATS": "0.1,0.2", "FRONT_ROW_SOURCES": "not a setting",
    }  # fmt: skip
    settings = from_environment(told)

    assert (settings.site, settings.run_dir, settings.port) == ("https://tickets.example", Path("/somewhere"), 8001)
    assert (settings.hold_seconds, settings.grid_members) == (2.5, ("a:1", "b:2"))
    assert (settings.payment_providers, settings.payment_starts_per_second) == (("other", "sandbox"), 50.0)
    assert settings.sandbox_repeats == (0.1, 0.2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("port", text) for text in ("", "many", "80.5", "-1", "65536")),
        *(("members_max", text) for text in ("0", "14", "three")),
        *(("hold_seconds", text) for text in ("0", "-3", "nan", "inf", "five minutes")),
        *(("live_orders_max", text) for text in ("0", "-1", "1e6")),
        *(("payment_starts_per_second", text) for text in ("", "0", "-3", "many", "nan", "inf")),
        *(("sandbox_repeats", text) for text in ("", "a", "1,,2", "0", "1,-1", "1,nan", "1e9")),
        *(("payment_providers", text) for text in ("", ",", "Other", "a/b", "x" * 33, "имя", "-")),
        ("grid_members", " ,"),
    ],
)
def test_a_value_that_makes_no_sense_names_its_variable_in_one_line(name: str, text: str):
    with pytest.raises(ValueError, match=f"^{variable_of(name)}\\b") as raised:
        from_environment({variable_of(name): text})
    assert "\n" not in str(raised.value)


def test_what_is_built_by_hand_has_the_same_limits():
    with pytest.raises(ValueError, match=r"^FRONT_ROW_PAYMENT_STARTS_PER_SECOND must lie between 0\.001 and 1000000, not 0$"):
        Settings(payment_starts_per_second=0)


@pytest.mark.parametrize("module", ["processing_units.server", "data_pumps.process", "data_writers.jobs.worker", "infra.sandbox.service"])
def test_a_process_that_is_told_nonsense_says_so_in_one_line_and_ends(module: str):
    environment = os.environ | {"FRONT_ROW_HOLD_SECONDS": "soon"}
    program = subprocess.run(
        [sys.executable, "-m", module], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert program.returncode == 1
    assert program.stderr == "FRONT_ROW_HOLD_SECONDS='soon' is not a number\n"
