#!/usr/bin/env bash
# Pins the packages of the images: installs the newest allowed versions, writes requirements/*.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

list_dependencies() { # of pyproject.toml: all, or those that prediction needs
    python3 - "$1" <<'PYTHON'
import re, sys, tomllib
wanted = tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"]
learning = {"torch"}
print(*(one for one in wanted if sys.argv[1] == "train" or re.match(r"[\w-]+", one)[0] not in learning), sep="\n")
PYTHON
}

freeze() { # without what depends on the CPU or CUDA build of torch, which is chosen when the image is built
    "$work/$1/bin/python" -m pip freeze | sed 's/+.*//' | grep -vE '^(nvidia-|triton|cuda-|setuptools)' | sort -f
}

for target in predict train; do
    python3 -m venv "$work/$target"
    list_dependencies "$target" > "$work/$target.in"
    "$work/$target/bin/python" -m pip install --quiet --requirement "$work/$target.in"
done
{
    echo "# What the image 'predict' holds: everything but learning. Made by benchmarks/pin_requirements.sh"
    freeze predict
} > requirements/predict.txt
{
    echo "# What learning needs on top. Made by benchmarks/pin_requirements.sh"
    echo "-r predict.txt"
    comm -13 <(freeze predict | sort) <(freeze train | sort) | sort -f
} > requirements/train.txt
