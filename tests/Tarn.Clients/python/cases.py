"""What the cases of a script share: the environment they run in, content, and the command line.

A script registers its cases with @case and calls run(). `script.py --list` prints their names,
`script.py NAME` runs one; a failed assertion or exception ends it with a traceback and a non-zero exit.
"""

import hashlib
import os
import sys

ENDPOINT = os.environ.get("S3_ENDPOINT")
BUCKET = os.environ.get("S3_BUCKET")
REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
SCRATCH = os.environ.get("HOME", ".")

ODD_KEYS = [
    "a b+c%25&é😀/..//x",
    "plus+plus",
    "space here  twice",
    "percent%2Fescaped%00not",
    "caf\u00e9-nfc",
    "cafe\u0301-nfd",
    "trailing.",
    "dir/",
    "a//b///c",
    "quote'\"<>&;,",
    "=@:$!*()~[]{}|^`#?",
    "日本語/ключ",
    "back\\slash",
    ".",
    "./dot",
    "../up",
]

_cases = {}


def case(function):
    _cases[function.__name__] = function
    return function


def run():
    name = sys.argv[1]
    if name == "--list":
        print("\n".join(_cases))
        return
    _cases[name]()


def content(size, seed=0):
    """Bytes that differ along the whole length and between seeds."""
    block = hashlib.shake_256(b"tarn%d" % seed).digest(65536 + 1)
    return (block * (size // len(block) + 1))[:size]


def sha(data):
    return hashlib.sha256(data).hexdigest()


def sha_file(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scratch_file(name, data):
    path = os.path.join(SCRATCH, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def equal(actual, expected, what="value"):
    if actual != expected:
        raise AssertionError(f"{what}: expected {expected!r:.600}, got {actual!r:.600}")
