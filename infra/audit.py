"""`infra/audit`: whether what we build on is what we chose, is known to be harmful, and how far it has moved on since.

Three kinds of answers: the lock files (asked of nobody), known vulnerabilities (asked of the advisories of each ecosystem, through its
own client) and newer versions. What could not be asked is said, and is never taken for "nothing known": a service counts only after it
has told what it must know of an old release. Exit code 1: something was found; 3: nothing was, but not everything could be asked.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from infra.libraries import WEB, npm_tool
from infra.machine import find_java
from infra.member_build import MODULE
from infra.places import CHECKOUT
from infra.stop import run_command

LOCK = CHECKOUT / "infra" / "requirements.lock"
WANTED = CHECKOUT / "infra" / "requirements.in"
NPM_LOCK = WEB / "package-lock.json"
GO = CHECKOUT / "tests" / "linearizability" / "checker"
SECONDS_MAX = 300
# A release that everybody's advisories know: who has nothing to say of it does not answer.
CANARY = "urllib3==1.24"
SERVICES = ("pypi", "osv")
NOT_ASKED = 3
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(\[[^]]*])?==([^ ;\\]+)", re.MULTILINE)
_POM = "{http://maven.apache.org/POM/4.0.0}"


@dataclass
class Report:
    """What was found, what could not be asked; everything is said as it comes."""

    found: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        print(f"  {text}", flush=True)

    def fault(self, text: str) -> None:
        self.found.append(text)
        self.say(f"FOUND      {text}")

    def not_asked(self, text: str) -> None:
        self.unasked.append(text)
        self.say(f"NOT ASKED  {text}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/audit", description="Checks the locks, asks for known vulnerabilities and newer versions.")
    parser.add_argument("--offline", action="store_true", help="the lock files only")
    given = parser.parse_args()
    report = Report()
    print("Locks", flush=True)
    check_locks(report)
    if not given.offline:
        print("Known vulnerabilities", flush=True)
        ask_pip_audit(report)
        ask_npm_audit(report)
        ask_maven(report)
        print("Newer versions", flush=True)
        tell_newer(report)
    told = f"{len(report.found)} found, {len(report.unasked)} not asked" + (f": {'; '.join(report.unasked)}" if report.unasked else "")
    print(told, flush=True)
    return 1 if report.found else NOT_ASKED if report.unasked else 0


def check_locks(report: Report) -> None:
    """Every library at one version and with its hash."""
    for name, faults, count in (
        ("infra/requirements.lock", list(_python_faults()), len(_PIN.findall(LOCK.read_text()))),
        ("web/package-lock.json", list(_npm_faults()), len(_npm_packages())),
        ("grid_config/member/pom.xml", list(_pom_faults()), len(_versions_of_pom())),
        ("tests/linearizability/checker/go.sum", list(_go_faults()), len(_go_modules())),
    ):
        for fault in faults:
            report.fault(f"{name}: {fault}")
        report.say(f"{name}: {count} pinned, {len(faults)} at fault")


def _python_faults() -> Iterator[str]:
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.read_text())
    for block in blocks:
        if not _PIN.match(block):
            yield f"not pinned: {block.splitlines()[0]}"
        elif "--hash=sha256:" not in block:
            yield f"without a hash: {block.splitlines()[0]}"
    pinned = {name.replace("_", "-") for name, _, _ in _PIN.findall(LOCK.read_text())}
    for line in WANTED.read_text().splitlines():
        name = re.match(r"[a-z0-9][a-z0-9._-]*", line)
        if name is not None and name[0].replace("_", "-") not in pinned:
            yield f"wanted and not locked: {name[0]}"


def _npm_packages() -> dict[str, Any]:
    packages: dict[str, Any] = json.loads(NPM_LOCK.read_text())["packages"]
    return {name: package for name, package in packages.items() if name}


def _npm_faults() -> Iterator[str]:
    for name, package in _npm_packages().items():
        if not str(package.get("integrity", "")).startswith("sha512-") or not package.get("version"):
            yield f"without a hash: {name}"


def _versions_of_pom() -> dict[str, str]:
    """Artifact → version of every dependency and plugin; a property's name is looked up."""
    root = ET.parse(MODULE / "pom.xml").getroot()  # noqa: S314 - our own file
    properties = {each.tag.removeprefix(_POM): each.text or "" for each in root.iterfind(f"{_POM}properties/*")}
    found = {}
    for kind in ("dependency", "plugin"):
        for each in root.iter(f"{_POM}{kind}"):
            version = each.findtext(f"{_POM}version", "")
            found[each.findtext(f"{_POM}artifactId", "")] = properties.get(version.strip("${}"), version)
    return found


def _pom_faults() -> Iterator[str]:
    for artifact, version in _versions_of_pom().items():
        if not re.fullmatch(r"[0-9][0-9A-Za-z.-]*", version) or "SNAPSHOT" in version:
            yield f"not at one version: {artifact} {version}"


def _go_modules() -> list[tuple[str, str]]:
    return re.findall(r"^\s*(?:require )?([a-z][\w./-]+\.[\w./-]+) (v\S+)", (GO / "go.mod").read_text(), re.MULTILINE)


def _go_faults() -> Iterator[str]:
    sums = (GO / "go.sum").read_text()
    for module, version in _go_modules():
        if f"{module} {version} h1:" not in sums:
            yield f"without a hash: {module} {version}"


def ask_pip_audit(report: Report) -> None:
    """The first advisory service that knows the canary is asked about every Python library."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as canary:
        canary.write(f"{CANARY}\n")
        canary.flush()
        for service in SERVICES:
            known = _pip_audit(Path(canary.name), service, "--no-deps")
            if known and known[0].get("vulns"):
                _tell_pip_audit(report, service, _pip_audit(LOCK, service, "--require-hashes"))
                return
    report.not_asked(f"Python: none of pip-audit's services ({', '.join(SERVICES)}) tells what is known of {CANARY}")


def _pip_audit(requirements: Path, service: str, *more: str) -> list[dict[str, Any]]:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "-r",
        str(requirements),
        "-s",
        service,
        "--disable-pip",
        "-f",
        "json",
        "--progress-spinner",
        "off",
    ]
    told = _json_of(_run([*command, *more]))
    dependencies: list[dict[str, Any]] = told.get("dependencies", [])
    return dependencies


def _tell_pip_audit(report: Report, service: str, told: list[dict[str, Any]]) -> None:
    for each in told:
        if "skip_reason" in each:
            report.not_asked(f"{each['name']}: {each['skip_reason']}")
        for known in each.get("vulns", ()):
            report.fault(f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}")
    report.say(f"{len(told)} Python libraries asked of {service}")


def ask_npm_audit(report: Report) -> None:
    told = _json_of(_run([npm_tool("npm"), "audit", "--json"], WEB))
    if "vulnerabilities" not in told:
        report.not_asked(f"npm: {str(told.get('message') or 'no answer').partition(' - ')[0]}")
        return
    for name, known in told["vulnerabilities"].items():
        report.fault(f"{name}: {known['severity']}")
    report.say(f"{told['metadata']['dependencies']['total']} npm packages asked")


def ask_maven(report: Report) -> None:
    """OWASP's check of what the members bring; the tests' libraries are left out."""
    goal = "org.owasp:dependency-check-maven:12.1.8:check"
    with tempfile.TemporaryDirectory() as data:
        done = _maven(goal, "-DskipTestScope=true", "-DfailBuildOnCVSS=0", f"-DdataDirectory={data}", "-DossIndexAnalyzerEnabled=false")
    if done.returncode == 0:
        report.say(f"{len(_versions_of_pom())} Maven artifacts asked")
    elif "One or more dependencies were identified with" in done.stdout:
        report.fault("Maven: " + "; ".join(line.strip() for line in done.stdout.splitlines() if "CVE-" in line))
    else:
        report.not_asked("Maven: the vulnerability database cannot be brought here")


def tell_newer(report: Report) -> None:
    """What has a newer version; nothing of it is a fault by itself."""
    uv = Path(sys.executable).with_name("uv")
    done = _run([str(uv), "pip", "list", "--outdated", "--format", "json", "--python", sys.executable])
    behind = json.loads(done.stdout) if done.returncode == 0 else None
    if behind is None:
        report.not_asked("Python: newer versions")
    for each in behind or ():
        report.say(f"{each['name']} {each['version']}: {each['latest_version']} is there")
    told = _json_of(_run([npm_tool("npm"), "outdated", "--json"], WEB))
    for name, each in told.items():
        report.say(f"{name} {each.get('current') or each.get('wanted')}: {each['latest']} is there")
    done = _maven("org.codehaus.mojo:versions-maven-plugin:2.18.0:display-property-updates", "-DallowMajorUpdates=false")
    if done.returncode:
        report.not_asked("Maven: newer versions")
    for line in done.stdout.splitlines():
        if " -> " in line:
            report.say(line.removeprefix("[INFO]").strip() + " is there")


def _maven(*arguments: str) -> subprocess.CompletedProcess[str]:
    java = find_java()
    return _run(["mvn", "--batch-mode", "--no-transfer-progress", *arguments], MODULE, **({"JAVA_HOME": str(java.home)} if java else {}))


def _run(command: Sequence[str], directory: Path = CHECKOUT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to its end; exit code 124 for what does not end, 127 for what is not there."""
    try:
        return subprocess.run(
            command, cwd=directory, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=SECONDS_MAX
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "")
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", "")


def _json_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The object that a command printed; empty when it printed none."""
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


if __name__ == "__main__":
    run_command("infra/audit", main)
