#!/usr/bin/env python3
"""Write metrics.json: what scikit-learn makes of drawn answers.

    python3 generate_metrics.py [--output FOLDER]     needs scikit-learn==1.9.1 and numpy

The expected calibration error is computed here from its definition, since scikit-learn has none. The last case is broken on
purpose: a comparison that accepts it compares nothing. README.md beside this file describes the format.
"""

import argparse
import pathlib
import random

import numpy
import sklearn
from sklearn import metrics

from generate import encode


def calibration_error(probabilities, labels, bins=15):
  confidence, answers = probabilities.max(1), probabilities.argmax(1)
  error = 0.0
  for lower in range(bins):
    inside = (confidence > lower / bins) & (confidence <= (lower + 1) / bins)
    if inside.any():
      error += inside.mean() * abs((answers[inside] == labels[inside]).mean() - confidence[inside].mean())
  return float(error)


def classification(name, samples, classes, seed, absent=None):
  generator = random.Random(seed)
  labels, rows = [], []
  for _ in range(samples):
    label = generator.randrange(classes)
    while label == absent:
      label = generator.randrange(classes)
    # Whole 64ths that add up to 1, so that ties occur; the right class is favoured.
    parts = [generator.randrange(0, 12) for _ in range(classes)]
    parts[label] += generator.randrange(0, 8)
    total = 64
    cut = [int(part * total / max(1, sum(parts))) for part in parts]
    cut[generator.randrange(classes)] += total - sum(cut)
    labels.append(label)
    rows.append([part / total for part in cut])
  scores, truth = numpy.array(rows), numpy.array(labels)
  one_hot, answers, every = numpy.eye(classes)[truth], scores.argmax(1), list(range(classes))
  present = [c for c in every if 0 < one_hot[:, c].sum() < samples]
  precision, recall, f1, support = metrics.precision_recall_fscore_support(
    truth, answers, labels=every, zero_division=0)
  k = min(5, classes - 1)
  return dict(
    name=name, classes=classes, labels=labels, scores=scores.ravel().tolist(), k=k,
    accuracy=metrics.accuracy_score(truth, answers), confusion=metrics.confusion_matrix(truth, answers, labels=every).ravel().tolist(),
    top_k=metrics.top_k_accuracy_score(truth, scores + numpy.arange(classes, 0, -1) * 1e-9, k=k, labels=every) if classes > 2 else 0.0,
    precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist(),
    roc_auc=[metrics.roc_auc_score(one_hot[:, c], scores[:, c]) for c in present],
    pr_auc=[metrics.average_precision_score(one_hot[:, c], scores[:, c]) for c in present], present=present,
    log_loss=-float(numpy.mean(numpy.log(numpy.maximum(scores[numpy.arange(samples), truth], 2.0 ** -52)))),
    sklearn_log_loss=metrics.log_loss(truth, scores, labels=every),
    calibration=calibration_error(scores, truth))


def regression(name, samples, targets, seed):
  generator = random.Random(seed)
  wanted = numpy.array([[generator.randrange(-200, 200) / 64 for _ in range(targets)] for _ in range(samples)])
  answers = wanted + numpy.array([[generator.randrange(-60, 60) / 64 for _ in range(targets)] for _ in range(samples)])
  return dict(
    name=name, width=targets, targets=wanted.ravel().tolist(), predictions=answers.ravel().tolist(),
    rmse=float(metrics.mean_squared_error(wanted, answers) ** 0.5), mae=metrics.mean_absolute_error(wanted, answers),
    r2=metrics.r2_score(wanted, answers), r2_each=metrics.r2_score(wanted, answers, multioutput="raw_values").tolist(),
    mae_each=metrics.mean_absolute_error(wanted, answers, multioutput="raw_values").tolist())


def multi_label(name, samples, labels, seed):
  generator = random.Random(seed)
  wanted = numpy.array([[generator.randrange(2) for _ in range(labels)] for _ in range(samples)])
  scores = numpy.array([[(generator.randrange(0, 40) + 24 * w) / 64 for w in row] for row in wanted])
  answers = (scores > 0.5).astype(int)
  precision, recall, f1, _ = metrics.precision_recall_fscore_support(wanted, answers, zero_division=0)
  return dict(
    name=name, width=labels, targets=wanted.ravel().astype(float).tolist(), scores=scores.ravel().tolist(),
    accuracy=float((answers == wanted).mean()), exact_match=metrics.accuracy_score(wanted, answers),
    precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(),
    roc_auc=metrics.roc_auc_score(wanted, scores, average=None).tolist(),
    pr_auc=metrics.average_precision_score(wanted, scores, average=None).tolist())


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  folder = parser.parse_args().output
  classifications = [
    classification("two classes", 41, 2, 1), classification("four classes", 60, 4, 2),
    classification("ten classes", 97, 10, 3), classification("a class without samples", 40, 5, 4, absent=3),
  ]
  for row in classifications:
    # scikit-learn holds probabilities above 2⁻⁵² as well, but normalises rows, which add up to 1 already.
    assert abs(row["log_loss"] - row.pop("sklearn_log_loss")) < 1e-12
  broken = classification("broken on purpose", 60, 4, 2)
  broken.pop("sklearn_log_loss")
  broken["roc_auc"] = [1.001 * area for area in broken["roc_auc"]]
  content = dict(
    sklearn=sklearn.__version__, classifications=classifications, broken=broken,
    regressions=[regression("one target", 33, 1, 5), regression("three targets", 50, 3, 6)],
    multi_labels=[multi_label("three labels", 45, 3, 7)])
  (folder / "metrics.json").write_text(encode(content) + "\n")


if __name__ == "__main__":
  main()
