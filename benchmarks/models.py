"""How long a model takes to save and to load, beside mlflow, in the environment of the flavors' tests.

Both save the same model with an input example, in their default format; each system has a process of its own
in which the library is imported already, and the first save and load are not counted.
"""

import argparse
from pathlib import Path

import libraries
import report

_TARGETS = {"save": 0.5, "load": 0.3}
_SCRIPT = """
import json, os, statistics, sys, time, warnings
from importlib import import_module
warnings.simplefilter("ignore")
package, kind, rounds, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
os.environ["HOME"] = folder
import numpy, pandas

class Net:
    pass

if kind == "sklearn":
    from sklearn.datasets import make_classification
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    x, y = make_classification(2000, 20, random_state=0)
    data = pandas.DataFrame(x, columns=[f"c{i}" for i in range(20)])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data, y)
    example = data.head(5)
else:
    import torch
    model = torch.nn.Sequential(*[torch.nn.Linear(256, 256) for _ in range(16)]).eval()
    example = numpy.zeros((5, 256), "float32")
flavor = import_module(f"{package}.{kind}")
pyfunc = import_module(f"{package}.pyfunc")
taken = {"save": [], "load": []}
for number in range(rounds + 1):
    place = os.path.join(folder, f"model{number}")
    begun = time.perf_counter()
    flavor.save_model(model, place, input_example=example)
    taken["save"].append(time.perf_counter() - begun)
    begun = time.perf_counter()
    loaded = pyfunc.load_model(place)
    taken["load"].append(time.perf_counter() - begun)
    assert len(loaded.predict(example)) == 5
print(json.dumps({name: statistics.median(found[1:]) * 1000 for name, found in taken.items()}))
"""


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    rows = []
    for kind in ("sklearn", "pytorch"):
        figures = {
            system: libraries.measure(_SCRIPT, system, kind, options.rounds)
            for system in libraries.SYSTEMS
        }
        for act, target in _TARGETS.items():
            times = {system: found[act] for system, found in figures.items()}
            share = {report.OURS: times["headrace"] / times["mlflow"]}
            rows.append(report.Row(f"{act} a model of {kind}", "ms", "less", times))
            rows.append(report.Row("  as a share of mlflow's", "", "less", share, target))
    remarks = [
        "With an input example, which the model predicts once for its signature. mlflow then loads the model "
        "in another process to see what it imports; Headrace reads that from what was saved.",
        "scikit-learn: a pipeline of a scaler and a logistic regression, with skops. PyTorch: 16 linear layers "
        "of 256; mlflow exports the program, Headrace does so too and keeps the tensors beside it.",
        "Headrace compares each file with its digest when it loads a model.",
    ]
    return report.Table("H-models", "H. Models", "python benchmarks/models.py", rows, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
