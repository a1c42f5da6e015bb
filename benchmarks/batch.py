"""Rows a second of `models predict` for a file, and of the function for Spark, beside mlflow's.

The same logistic regression of 20 features. For files the whole command is measured, its start included; for
Spark a query after a first one that starts the workers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import peers
import report

sys.path.insert(0, str(peers.ROOT / "tests"))
from environments import large_tables, models

ENDPOINTS = Path(__file__).with_name("endpoints")
SYSTEMS = ("headrace", "mlflow")
_PREPARE = """
import sys
sys.path.insert(0, sys.argv[1])
import pandas
from importlib import import_module
from model import FEATURES
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
flavor = import_module(f"{sys.argv[2]}.sklearn")
x, y = make_classification(2000, FEATURES, random_state=0)
data = pandas.DataFrame(x, columns=[f"c{i}" for i in range(FEATURES)])
model = LogisticRegression().fit(data, y)
flavor.save_model(model, sys.argv[3], input_example=data.head(3))
"""
_SPARK = """
import json, sys, time
from importlib import import_module
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, rand, sum as total
package, model, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
spark = (
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    .config("spark.driver.memory", "1g").getOrCreate()
)
options = {"env_manager": "local"} if package == "mlflow" else {}
udf = import_module(f"{package}.pyfunc").spark_udf(spark, model, result_type="double", **options)
names = [f"c{number}" for number in range(20)]
def query(count):
    table = spark.range(count).select(*[rand(number).alias(name) for number, name in enumerate(names)])
    begun = time.perf_counter()
    found = table.select(udf(*map(col, names)).alias("found")).agg(total("found")).collect()[0][0]
    assert 0 <= found <= count
    return time.perf_counter() - begun
query(1000)
print(json.dumps(rows / query(rows)))
spark.stop()
"""


def _quiet() -> dict[str, str]:
    return {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "SPARK_LOCAL_IP": "127.0.0.1"}


def _done(command: list[str], folder: Path, python: Path) -> str:
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    surroundings = {**_quiet(), "PATH": path, "PYSPARK_PYTHON": str(python)}
    done = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise peers.BenchError(f"{command[0]} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def _saved(system: str, python: Path, folder: Path) -> Path:
    model = folder / "model"
    arguments = [str(ENDPOINTS), system, str(model)]
    _done([str(python), "-W", "ignore", "-c", _PREPARE, *arguments], folder, python)
    return model


def of_file(system: str, rows: int, folder: Path) -> float:
    """Rows a second from CSV to predictions."""
    python = models.python()
    model = _saved(system, python, folder)
    values = np.random.default_rng(0).normal(size=(rows, 20)).round(6)
    given = folder / "given.csv"
    names = ",".join(f"c{number}" for number in range(20))
    np.savetxt(given, values, delimiter=",", fmt="%.6f", header=names, comments="")
    command = [str(python.with_name(system)), "models", "predict", "-m", str(model)]
    command += ["-i", str(given), "-o", str(folder / "found.json"), "-t", "csv"]
    command += ["--env-manager", "local"]
    begun = time.perf_counter()
    _done(command, folder, python)
    elapsed = time.perf_counter() - begun
    found = json.loads((folder / "found.json").read_text())["predictions"]
    if len(found) != rows:
        raise peers.BenchError(f"{system} predicted {len(found)} of {rows} rows.")
    return rows / elapsed


def of_spark(system: str, rows: int, folder: Path) -> float:
    """Rows a second of a query that sums predictions up."""
    ours = system == "headrace"
    python = large_tables.python() if ours else peers.environment("mlflow-spark") / "bin" / "python"
    model = _saved(system, python, folder)
    command = [str(python), "-W", "ignore", "-c", _SPARK, system, str(model), str(rows)]
    rate: float = json.loads(_done(command, folder, python).splitlines()[-1])
    return rate


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    measures = {"a file of CSV": of_file, "a query of Spark": of_spark}
    rows = []
    for what, measure in measures.items():
        figures = {}
        for system in SYSTEMS:
            with tempfile.TemporaryDirectory(prefix="bench-batch-") as folder:
                figures[system] = measure(system, options.rows, Path(folder))
            print(f"{system}, {what}: {figures[system]:,.0f} rows/s", flush=True)
        rows.append(report.Row(f"{what}, {options.rows:,} rows", "rows/s", "more", figures))
    remarks = ["One process. Each reads a model that it saved itself."]
    return report.Table("E-batch", "E. Batches", "python benchmarks/batch.py", rows, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
