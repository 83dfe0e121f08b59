#!/bin/sh
# Prints the first Python that can run this project: $PYTHON if set, else python3.12, python3.11 or python3.
# It must be 3.11 or 3.12 (the Triton stubs need numpy 1, whose last wheels are for 3.12) and have the venv module.
set -eu

supported() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' >/dev/null 2>&1
}

for python in ${PYTHON:-python3.12 python3.11 python3}; do
    if supported "$python"; then
        echo "$python"
        exit 0
    fi
done

if [ -n "${PYTHON:-}" ]; then
    echo "error: PYTHON=$PYTHON is not a Python 3.11 or 3.12 with the venv module; name another." >&2
else
    echo "error: no Python 3.11 or 3.12 with the venv module was found; install one (Debian, Ubuntu: apt install" \
        "python3 python3-venv) or name it: make PYTHON=/path/to/python3.12 ..." >&2
fi
exit 1
