"""Read what `write.py` logged with the library that the first argument names; print it as JSON."""

import importlib
import json
import re
import sys

import numpy as np

library, uri, run_id, innermost = sys.argv[1:]
tracker = importlib.import_module(library)
tracker.set_tracking_uri(uri)
client = tracker.MlflowClient()
run = client.get_run(run_id)
tracker.set_experiment(experiment_id=run.info.experiment_id)


def walk(path=None):
    for entry in client.list_artifacts(run_id, path):
        if entry.is_dir:
            yield from walk(entry.path)
        else:
            yield entry.path


paths = sorted(walk())
images = sorted(re.sub("[0-9a-f-]{36}", "ID", path) for path in paths if path.startswith("images/"))
# What a run records of itself beside that is the client's own.
other = [
    path
    for path in paths
    if path.split("/")[0] not in ("images", "source", "environment", "console")
]
table = tracker.load_table("tables/qa.json", [run_id], ["run_id"])
logged = json.loads(run.data.tags["mlflow.loggedArtifacts"])
parent = tracker.get_parent_run(innermost)

found = {
    "paths": other,
    "images": images,
    "table": table.to_dict("list"),
    "parquet": tracker.load_table("tables/frame.parquet").to_dict("list"),
    "noted": sorted(entry["path"] for entry in logged),
    "image": np.asarray(tracker.artifacts.load_image(f"runs:/{run_id}/pixels.png")).tolist(),
    "dict": tracker.artifacts.load_dict(f"runs:/{run_id}/nested/d.json"),
    "text": tracker.artifacts.load_text(f"runs:/{run_id}/t.txt"),
    "listed": [entry.path for entry in tracker.artifacts.list_artifacts(f"runs:/{run_id}/nested")],
    "inputs": sorted(
        [
            [
                used.dataset.name,
                used.dataset.digest,
                used.dataset.source_type,
                json.loads(used.dataset.source),
                json.loads(used.dataset.schema),
                json.loads(used.dataset.profile),
                sorted([tag.key, tag.value] for tag in used.tags),
            ]
            for used in run.inputs.dataset_inputs
        ]
    ),
    "sources": sorted(
        tracker.data.get_source(used).to_json() for used in run.inputs.dataset_inputs
    ),
    "metrics": run.data.metrics,
    "params": run.data.params,
    "tag": run.data.tags["t"],
    "ancestors": [parent.info.run_name, tracker.get_parent_run(parent.info.run_id).info.run_name],
    "rows": len(tracker.search_runs([run.info.experiment_id])),
}
sys.stdout.write(json.dumps(found, sort_keys=True, default=str) + "\n")
