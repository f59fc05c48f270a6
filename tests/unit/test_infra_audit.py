"""The audit of what we build on: locks at fault are found, and who does not answer is not taken for one who knows nothing bad."""

from pathlib import Path
from typing import Any

import pytest

from infra import audit
from infra.audit import Report, ask_pip_audit, check_locks

HASH = "sha256:" + "0" * 64


def test_every_library_is_at_one_version_and_has_its_hash():
    report = Report()
    check_locks(report)
    assert report.found == []


@pytest.mark.parametrize(
    ("lock", "wanted", "fault"),
    [
        (f"yarl==1.2 \\\n    --hash={HASH}\nattrs==1\n", "yarl", "without a hash: attrs==1"),
        (f"yarl>=1.2 \\\n    --hash={HASH}\n", "", "not pinned: yarl>=1.2"),
        (f"yarl==1.2 \\\n    --hash={HASH}\n", "yarl\nattrs  # of which\n", "wanted and not locked: attrs"),
    ],
)
def test_a_lock_that_is_none_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str, wanted: str, fault: str):
    for name, text in (("LOCK", lock), ("WANTED", wanted)):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(audit, name, tmp_path / name)
    report = Report()
    check_locks(report)
    assert any(fault in told for told in report.found), report.found


NOTHING_KNOWN: list[dict[str, Any]] = [{"name": "urllib3", "version": "1.24", "vulns": []}]
SKIPPED: list[dict[str, Any]] = [{"name": "urllib3", "skip_reason": "not found"}]


@pytest.mark.parametrize("told", [[], SKIPPED, NOTHING_KNOWN])
def test_a_service_that_knows_no_harm_of_what_is_known_to_be_harmful_has_not_answered(
    monkeypatch: pytest.MonkeyPatch, told: list[dict[str, Any]]
):
    monkeypatch.setattr(audit, "_pip_audit", lambda *_: told)
    report = Report()
    ask_pip_audit(report)
    assert (report.found, len(report.unasked)) == ([], 1)


def test_a_service_that_answers_is_believed(monkeypatch: pytest.MonkeyPatch):
    harm = {"name": "urllib3", "version": "1.24", "vulns": [{"id": "CVE-2019-11324", "fix_versions": ["1.24.2"]}]}
    skipped = {"name": "front-row", "skip_reason": "not on the index"}
    monkeypatch.setattr(audit, "_pip_audit", lambda *_: [harm, skipped])
    report = Report()
    ask_pip_audit(report)
    assert report.found == ["urllib3 1.24: CVE-2019-11324, mended in 1.24.2"]
    assert report.unasked == ["front-row: not on the index"]
