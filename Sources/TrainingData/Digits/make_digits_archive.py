#!/usr/bin/env python3
"""Writes DigitsArchive.swift from the digits that scikit-learn's wheel carries.

    pip download --no-deps scikit-learn==1.9.1
    python3 make_digits_archive.py scikit_learn-1.9.1-*.whl

The origin and the licences of the data are told in SOURCE.md.
"""
import gzip
import hashlib
import pathlib
import sys
import zipfile

MEMBER = "sklearn/datasets/data/digits.csv.gz"
MEMBER_SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
SYMBOLS = "0123456789abcdefg"

PREAMBLE = '''// Written by make_digits_archive.py; see SOURCE.md for the origin and the licences of the data.

/// The 1,797 handwritten digits as text: a line for each, with its class, a space, and its 64 pixels row by row.
///
/// A pixel is one character, from `0` (white) to `g` (16, black). Text rather than an array, because the compiler takes
/// a string literal of this length at once.
enum DigitsArchive {
  static let sampleCount = 1797
  static let sideLength = 8

  static let text: StaticString = """
'''


def line(row):
    *pixels, label = map(int, row.split(","))
    assert len(pixels) == 64
    return f"    {label} " + "".join(SYMBOLS[pixel] for pixel in pixels)


def main(wheel):
    packed = zipfile.ZipFile(wheel).read(MEMBER)
    assert hashlib.sha256(packed).hexdigest() == MEMBER_SHA256, "the wheel carries other digits than the ones known"
    lines = [line(row) for row in gzip.decompress(packed).decode("ascii").splitlines()]
    assert len(lines) == 1797
    target = pathlib.Path(__file__).with_name("DigitsArchive.swift")
    target.write_text(PREAMBLE + "\n".join(lines) + '\n    """\n}\n')


main(sys.argv[1])
