# Sourced by the commands beside it: finds Python, lets infra/packages.py install what the command needs,
# makes .venv from the lock file, and leaves the paths in $root and $python. Everything else is Python.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
python=$root/.venv/bin/python
command_name=infra/$(basename -- "$0")

fail() {
    printf '%s: %s\n' "$command_name" "$*" >&2
    exit 1
}

# A private certificate authority of this machine is in the system bundle; uv, requests, node and pip look elsewhere unless told.
trust_system_certificates() {
    local bundle=/etc/ssl/certs/ca-certificates.crt name
    [ -r "$bundle" ] || return 0
    for name in SSL_CERT_FILE REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS PIP_CERT; do
        [ -n "${!name:-}" ] || export "$name=$bundle"
    done
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 /usr/bin/python3; do
        if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    fail "wrong Python: 3.11 or later is needed, found $(python3 --version 2>&1 || true)"
}

# pip is used once, to get the uv that the lock file pins, with its hashes; uv does the rest.
make_environment() {
    local stamp=$root/.venv/.made-from wanted
    wanted=$(cat "$root/infra/requirements.lock" "$root/pyproject.toml" | sha256sum)
    if [ -x "$python" ] && is_new_enough "$python" && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    echo "  Python libraries into .venv ..."
    [ -x "$python" ] && is_new_enough "$python" || "$1" -m venv --clear "$root/.venv"
    local uv=$root/.venv/bin/uv
    [ -x "$uv" ] || awk '/^[a-z]/ {keep = /^uv==/} keep' "$root/infra/requirements.lock" |
        "$python" -m pip install -q --disable-pip-version-check --require-hashes -r /dev/stdin
    export VIRTUAL_ENV=$root/.venv
    "$uv" pip install -q --compile-bytecode --require-hashes -r "$root/infra/requirements.lock"
    "$uv" pip install -q --no-deps --no-build-isolation -e "$root"
    printf '%s\n' "$wanted" >"$stamp"
}

# prepare COMMAND: what `infra/COMMAND` needs of the machine is there when this returns. Two commands of one checkout take turns.
prepare() {
    trust_system_certificates
    local lock system_python
    exec {lock}<"$root/infra"
    flock "$lock"
    system_python=$(find_python)
    PYTHONPATH=$root "$system_python" -m infra.packages "$1" || exit 1
    make_environment "$system_python"
    exec {lock}<&-
}

# require_environment: for commands that look at what was started before and install nothing.
require_environment() {
    [ -x "$python" ] || fail "nothing was started from this checkout yet: infra/up does that"
}
