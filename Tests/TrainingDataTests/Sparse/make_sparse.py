"""Sparse texts of LIBSVM, and what scikit-learn's load_svmlight_file reads from them, for LIBSVMTests.

Written with scikit-learn 1.9.1: python make_sparse.py
"""
import json
import numpy as np
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

rng = np.random.default_rng(7)
x = np.where(rng.random((40, 12)) < 0.3, rng.normal(0, 10, (40, 12)), 0)
x[:, 3] = 0
x[0, 0] = x[5, 11] = 1.5
y = rng.integers(1, 4, 40)
dump_svmlight_file(x, y, "one_based.svm", zero_based=False)
dump_svmlight_file(x, y, "zero_based.svm", zero_based=True)
dump_svmlight_file(x, rng.normal(0, 3, 40), "values.svm", zero_based=False, query_id=np.repeat(np.arange(8), 5),
                   comment="made by scikit-learn\nwith queries")
with open("by_hand.svm", "w", newline="") as file:
    file.write("# a comment first\r\n\r\n-1 1:.5 3:-2e-3 # and one behind\n+1\t2:1e2\t4:7   \n1 qid:3 4:3.25\n-1\n"
               "1 1:0.1234567890123456789 2:1e-40 3:16777217")
for name in ["one_based", "zero_based", "values", "by_hand"]:
    features, labels = load_svmlight_file(f"{name}.svm", zero_based="auto")
    with open(f"{name}.json", "w") as file:
        json.dump({"features": features.toarray().tolist(), "labels": labels.tolist()}, file)
