"""Makes passengers.csv and new_passengers.csv: invented passengers of an invented ship, awkward as tables are.

Twelve columns: numbers, categories, a name of its own in every row with commas, quotes, accents and now and then a line end,
missing values, a byte order mark and CRLF. Run it in this folder; the same files come out.
"""

import csv
import math
import random

COLUMNS = ["PassengerId", "Survived", "Class", "Name", "Sex", "Age", "Siblings", "Children", "Ticket", "Fare", "Cabin", "Port"]
FIRST = {
    "female": ["Zoë", "María José", "Anne", "Łucja", "Μαρία", "Ingrid", "Siobhán", "Yuki", "Élodie", "Ruth"],
    "male": ["Jürgen", "John", "Þórður", "Иван", "Peter", "Ahmed", "Søren", "José", "Tom", "Kenji"],
}
LAST = ["O'Brien", "Müller", "van der Berg", "Smith", "Ångström", "D'Souza", "Nowak", "García", "Doe", "陳", "Lindqvist"]
TITLES = {"female": ["Miss", "Mrs."], "male": ["Mr.", "Master", "Dr."]}


def name(random, sex):
    title, first, last = random.choice(TITLES[sex]), random.choice(FIRST[sex]), random.choice(LAST)
    text = f"{last}, {title} {first}"
    if random.random() < 0.2:
        text += f' "{random.choice(["Bee", "Kit", "Zizi", "Mo"])}"'
    if random.random() < 0.15:
        text += f" (née {random.choice(LAST)})" if sex == "female" else " (crew, later)"
    if random.random() < 0.02:
        text += "\nof New Bedford"
    return text


def passenger(random, number):
    travels = random.choices(["first", "second", "third"], [24, 21, 55])[0]
    sex = random.choices(["female", "male"], [36, 64])[0]
    age = max(0.42, random.gauss({"first": 38, "second": 30, "third": 25}[travels], 13))
    siblings = random.choices([0, 1, 2, 3, 4], [68, 22, 6, 2, 2])[0]
    children = random.choices([0, 1, 2, 5], [76, 13, 9, 2])[0]
    fare = random.lognormvariate({"first": 4.2, "second": 3.0, "third": 2.3}[travels], 0.5) * (1 + children / 4)
    port = random.choices(["Southampton", "Cherbourg", "Queenstown"], [70, 20, 10])[0]
    score = -0.9 + 2.9 * (sex == "female") + {"first": 1.1, "second": 0.3, "third": -0.7}[travels] - 0.03 * (age - 29)
    score += 1.0 * (age < 10) - 0.35 * siblings
    survived = random.random() < 1 / (1 + math.exp(-1.7 * score))
    letter = random.choice("ABCDE" if travels == "first" else "FG")
    has_cabin = random.random() < (0.8 if travels == "first" else 0.08)
    return {
        "PassengerId": number,
        "Survived": "yes" if survived else "no",
        "Class": travels,
        "Name": name(random, sex),
        "Sex": sex,
        "Age": "" if random.random() < 0.2 else f"{age:.2f}" if age < 1 else f"{age:.0f}",
        "Siblings": siblings,
        "Children": children,
        "Ticket": random.choice([f"{random.randrange(10**6)}", f"A/5 {random.randrange(10**5)}", f"PC {random.randrange(10**5)}"]),
        "Fare": f"{fare:.4f}".rstrip("0").rstrip("."),
        "Cabin": f"{letter}{random.randrange(1, 120)}" if has_cabin else "",
        "Port": "" if random.random() < 0.01 else port,
    }


def write(path, rows, columns):
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    random = random.Random(1912)
    rows = [passenger(random, number) for number in range(1, 892)]
    write("passengers.csv", rows, COLUMNS)
    strangers = [passenger(random, number) for number in range(892, 942)]
    write("new_passengers.csv", strangers, [column for column in COLUMNS if column != "Survived"])
