"""`infra/hall`: plans on standard output, errors in one line, findings with their places."""

import io
import json
import os
import subprocess
import sys

import pytest

from infra.hall import command
from infra.places import CHECKOUT
from infra.stop import Stop


def hall(*arguments, given=None):
    return subprocess.run(
        [CHECKOUT / "infra" / "hall", *arguments], input=given, capture_output=True, text=True, check=False, timeout=60, env=os.environ
    )


def test_a_drawn_hall_passes_the_check(tmp_path):
    drawn = hall("arena", "--places", "3000", "--standing", "Танцпол=500", "--tiers", "1", "--name", "Спортивный дворец")
    assert drawn.returncode == 0, drawn.stderr
    assert json.loads(drawn.stdout)["name"] == "Спортивный дворец"
    checked = hall("check", "-", given=drawn.stdout)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_findings_stand_one_a_line_and_make_it_fail(tmp_path):
    plan = json.loads(hall("club", "--places", "300", "--gallery", "40").stdout)
    plan["categories"].append({"name": "Ложа"})
    (tmp_path / "plan.json").write_text(json.dumps({"plan": plan}))
    checked = hall("check", str(tmp_path / "plan.json"))
    assert (checked.returncode, checked.stdout) == (1, "categories.3: no place has the category 'Ложа'\n")


def test_the_demonstrations_halls_are_listed_and_printed():
    listed = hall("list")
    assert "SKA Arena" in listed.stdout
    assert "https://" in listed.stdout
    assert json.loads(hall("print", "palace").stdout)["name"] == "Дворцовый театр"


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (("arena", "--places", "999999"), None, "at most 100,000 seats"),
        (("arena", "--places", "2000", "--standing", "Танцпол"), None, "NAME=N"),
        (("arena", "--places", "2000", "--standing", "Зал=9", "--standing", "Зал=9"), None, "another area has this name"),
        (("print", "nowhere"), None, "palace"),
        (("check", "/nowhere.json"), None, "No such file"),
        (("check", "-"), "{", "not JSON"),
    ],
)
def test_errors_are_one_line(arguments, given, words, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["infra/hall", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((given or "").encode())))
    with pytest.raises(Stop) as refusal:
        command()
    assert "\n" not in str(refusal.value)
    assert words in str(refusal.value)


def test_an_error_ends_the_command_with_one_line():
    refused = hall("arena", "--places", "20")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "infra/hall: an arena has at least 300 places and 1 to 4 tiers\n"
