"""What recording a training costs, beside mlflow's autologging, in the environment of the flavors' tests.

Each system has a process of its own. Trainings with and without recording alternate; the first of each is
not counted, since it imports what it needs.
"""

import argparse
from pathlib import Path

import libraries
import report

LIBRARIES = ("sklearn", "xgboost", "lightgbm", "pytorch", "keras")
_SHARE, _FIXED_MS = 0.02, 50.0
_SCRIPT = """
import json, logging, os, statistics, sys, time, warnings
from importlib import import_module
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
package, library, rounds, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
os.environ["HOME"] = folder
os.environ["KERAS_BACKEND"] = "torch"
system = import_module(package)
system.set_tracking_uri(folder + "/store" if package == "headrace" else f"sqlite:///{folder}/mlflow.db")
autolog = import_module(f"{package}.{library}").autolog
import pandas
from sklearn.datasets import make_classification
x, y = make_classification(20_000, 20, random_state=0)
data = pandas.DataFrame(x, columns=[f"c{i}" for i in range(20)])

def batches():
    import torch
    pair = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*pair), 500)

def fit_lightning():
    import lightning, torch
    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.line = torch.nn.Linear(20, 1)
        def training_step(self, batch, _):
            loss = torch.nn.functional.mse_loss(self.line(batch[0])[:, 0], batch[1])
            self.log("loss", loss)
            return loss
        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.01)
    lightning.Trainer(
        max_epochs=5, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    ).fit(Net(), batches())

def fit_keras():
    import keras
    model = keras.Sequential([keras.Input([20]), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=500, epochs=5, verbose=0)

def train():
    if library == "pytorch":
        fit_lightning()
    elif library == "keras":
        fit_keras()
    elif library == "sklearn":
        from sklearn.ensemble import RandomForestClassifier
        RandomForestClassifier(20, max_depth=8, random_state=0).fit(data, y)
    elif library == "xgboost":
        from xgboost import XGBClassifier
        XGBClassifier(n_estimators=100).fit(data, y, eval_set=[(data, y)], verbose=False)
    else:
        from lightgbm import LGBMClassifier
        LGBMClassifier(n_estimators=100, verbose=-1).fit(data, y, eval_set=[(data, y)])

def timed(**options):
    autolog(silent=True, **options)
    begun = time.perf_counter()
    train()
    taken = time.perf_counter() - begun
    # Pictures are drawn beside the program: not beside the next training that is timed.
    if package == "headrace":
        import_module("headrace.autologging.beside").flush()
    return taken * 1000

ways = {"plain": {"disable": True}, "recorded": {"log_models": False}, "with its model": {}}
taken = {name: [] for name in ways}
for number in range(rounds + 1):
    for name, options in ways.items():
        taken[name].append(timed(**options))
print(json.dumps({name: statistics.median(found[1:]) for name, found in taken.items()}))
"""


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    rows = []
    for library in LIBRARIES:
        found = {
            system: libraries.measure(_SCRIPT, system, library, options.rounds)
            for system in libraries.SYSTEMS
        }
        plain = {system: one["plain"] for system, one in found.items()}
        allowed = _FIXED_MS + _SHARE * plain[report.OURS]
        rows.append(report.Row(f"{library}: a training, not recorded", "ms", "less", plain))
        for way, target in (("recorded", allowed), ("with its model", None)):
            cost = {system: one[way] - one["plain"] for system, one in found.items()}
            rows.append(report.Row(f"{library}: more, {way}", "ms", "less", cost, target))
    remarks = [
        "20,000 rows of 20 columns; a forest of 20 trees; 100 rounds of boosting with scores of each; "
        "five epochs of a linear layer, with Lightning and with Keras on PyTorch. Targets are "
        "50 ms and 2 % of the training; the model's own files come on top.",
        "mlflow writes to SQLite, Headrace to a folder, each by default.",
    ]
    return report.Table(
        "H-autolog", "H. Autologging", "python benchmarks/autolog.py", rows, remarks
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
