"""Writes tables with Python's csv module in its dialects, and what they hold as JSON beside them.

Texts are drawn from those that break readers: quotes, delimiters, line ends, accents, spaces. Run it in this folder.
"""

import csv
import gzip
import json
import random

TEXTS = ["plain", 'with "quotes"', "a,b;c\td|e", "two\nlines", "two\r\nlines", "Zoë", "陳大文", '"', "x" * 300, "O'Brien", "0x10"]


def rows(random, count):
    for _ in range(count):
        number = random.choice([random.uniform(-1e3, 1e3), random.gauss(0, 1) * 10 ** random.randint(-30, 30), random.randint(-9, 9)])
        yield [number, random.choice(TEXTS), random.choice(["", random.randint(0, 99)]), random.choice(["red", "green", ""])]


def write(name, opener=open, header=True, encoding="utf-8", **dialect):
    generator = random.Random(name)
    table = list(rows(generator, 60))
    with opener(f"{name}.csv" if opener is open else f"{name}.csv.gz", "wt", newline="", encoding=encoding) as file:
        writer = csv.writer(file, **dialect)
        if header:
            writer.writerow(["number", "text", "count", "colour"])
        writer.writerows(table)
    with open(f"{name}.json", "w") as file:
        json.dump(
            [[float(a), b, None if c == "" else float(c), None if d == "" else d] for a, b, c, d in table], file, indent=0
        )


write("excel")
write("unix", dialect="unix")
write("semicolons", delimiter=";")
write("tabs", dialect="excel-tab")
write("bars", delimiter="|", lineterminator="\n")
write("all_quoted", quoting=csv.QUOTE_ALL)
write("mark", encoding="utf-8-sig")
write("headerless", header=False)
write("compressed", opener=gzip.open)
