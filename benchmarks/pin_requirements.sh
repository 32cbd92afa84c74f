#!/usr/bin/env bash
# Pins the packages of the images, with the checksums of their files: installs the newest allowed versions, and writes
# requirements/*.txt. With --keep the versions that are pinned stay, and only the checksums are looked up again.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keep=${1:-}

list_dependencies() { # of pyproject.toml: all, or those that prediction needs
    python3 - "$1" <<'PYTHON'
import re, sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
wanted = project["dependencies"]
if sys.argv[1] == "train":  # pictures and reports, too
    wanted = wanted + project["optional-dependencies"]["plot"]
learning = {"torch"}
print(*(one for one in wanted if sys.argv[1] == "train" or re.match(r"[\w-]+", one)[0] not in learning), sep="\n")
PYTHON
}

freeze() { # without torch and what depends on its build, which is chosen when the image is built
    "$work/$1/bin/python" -m pip freeze | sed 's/+.*//' | grep -vE '^(nvidia-|triton|cuda-|setuptools|torch=)' | sort -f
}

list_pins() { # of a file that is there
    grep -oE '^[A-Za-z0-9_.-]+==[^ ]+' "$1"
}

add_hashes() { # to the pins on stdin; of all files of each version, so that they hold for every platform
    "$work/tools/bin/uv" pip compile - --generate-hashes --no-deps --no-header --no-annotate --quiet \
        --python-version 3.11 --python-platform x86_64-unknown-linux-gnu
}

python3 -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet uv
if [ "$keep" = --keep ]; then
    list_pins requirements/predict.txt > "$work/predict.pins"
    list_pins requirements/train.txt | grep -v '^torch=' > "$work/train.pins"
    torch=$(grep -ohE '^torch==[0-9.]+' requirements/*.txt | head -1)
else
    for target in predict train; do
        python3 -m venv "$work/$target"
        list_dependencies "$target" > "$work/$target.in"
        "$work/$target/bin/python" -m pip install --quiet --requirement "$work/$target.in"
    done
    freeze predict > "$work/predict.pins"
    comm -13 <(freeze predict | sort) <(freeze train | sort) | sort -f > "$work/train.pins"
    torch=$("$work/train/bin/python" -m pip freeze | grep -oE '^torch==[0-9.]+')
fi
if [ "$keep" = --keep ] && [ -f requirements/build.txt ]; then
    list_pins requirements/build.txt > "$work/build.pins"
else
    echo setuptools | "$work/tools/bin/uv" pip compile - --no-header --no-annotate --quiet > "$work/build.pins"
fi
# the CUDA build is what the registry has; its packages are the same on both platforms
echo "$torch" | "$work/tools/bin/uv" pip compile - --no-header --no-annotate --quiet --python-version 3.11 \
    --python-platform x86_64-unknown-linux-gnu | grep -E '^(torch|nvidia-|triton|cuda-)' > "$work/cuda.pins"
# the CPU build has its own index: its file is hashed where pip is set up to find it
"$work/tools/bin/python" -m pip download --quiet --no-deps --dest "$work/wheels" "$torch+cpu" || true

made="Made by benchmarks/pin_requirements.sh"
{
    echo "# What building the package needs, and torch too. $made"
    add_hashes < "$work/build.pins"
} > "$work/build.txt"
{
    echo "# What the image 'predict' holds: everything but learning. $made"
    add_hashes < "$work/predict.pins"
} > "$work/predict.txt"
{
    echo "# What learning needs on top, without torch, of which there are two builds. $made"
    echo "-r build.txt"
    echo "-r predict.txt"
    add_hashes < "$work/train.pins"
} > "$work/train.txt"
{
    echo "# The CUDA build of torch, with what it needs on top of train.txt. $made"
    add_hashes < "$work/cuda.pins"
} > "$work/torch-cuda.txt"
cp "$work"/{build,predict,train,torch-cuda}.txt requirements/
if compgen -G "$work/wheels/*" > /dev/null; then
    {
        echo "# The CPU build of torch, which its own index has. $made"
        echo "# Of the file that the script found; add those of other platforms with 'pip hash FILE'."
        echo "$torch+cpu \\"
        sha256sum "$work"/wheels/* | sed -E 's/^([0-9a-f]+) .*/    --hash=sha256:\1 \\/' | sed '$ s/ \\$//'
    } > requirements/torch-cpu.txt
else
    echo "requirements/torch-cpu.txt is unchanged: pip does not find $torch+cpu" >&2
fi
