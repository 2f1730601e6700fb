#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image: install backtrace.
# The archive you upload holds setup.sh, run_autograder and your course/ at its top.
set -euo pipefail

root=${AUTOGRADER_ROOT:-/autograder}
# What pip installs: backtrace is in no package index so far, so name your copy, and pin it to a commit or a
# tag. The host is a placeholder.
backtrace=${BACKTRACE:-git+https://git.example.org/your-school/backtrace@COMMIT}

new_enough() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for candidate in python3 python3.13 python3.12 python3.11; do
    if new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    apt-get update -q
    apt-get install -yq python3.11 python3.11-venv
    python=python3.11
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --quiet "$backtrace"
"$root/venv/bin/backtrace" --version
