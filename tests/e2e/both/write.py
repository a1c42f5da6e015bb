"""Log one of each with the library that the first argument names; print the run's id."""

import importlib
import sys

import matplotlib.figure
import numpy as np
import pandas as pd

tracker = importlib.import_module(sys.argv[1])
tracker.set_tracking_uri(sys.argv[2])
tracker.set_experiment(f"written by {sys.argv[1]}")

frame = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "x": [0.5, None, 2.0],
        "word": ["a", "b", "c"],
        "flag": [True, False, True],
        "when": pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"]),
        "list": [[1], [2, 3], [4]],
        "kind": pd.Categorical(["u", "v", "u"]),
        "small": np.array([1, 2, 3], "int32"),
    }
)

with tracker.start_run(run_name="outer") as outer:
    tracker.log_table({"question": ["a", "b"], "score": [1.5, 2.0]}, "tables/qa.json")
    tracker.log_table(pd.DataFrame({"question": ["c"], "score": [3.0]}), "tables/qa.json")
    tracker.log_table(frame[["n", "word"]], "tables/frame.parquet")
    pixels = np.arange(48, dtype="uint8").reshape(4, 4, 3)
    for step in range(3):
        tracker.log_image(pixels, key="samples/one", step=step, timestamp=1_000 + step)
    tracker.log_image(pixels / 255, "pixels.png")
    tracker.log_image(tracker.Image(pixels.tolist()), "listed.png")
    tracker.log_figure(matplotlib.figure.Figure(), "figure.svg")
    tracker.log_dict({"a": [1, 2]}, "nested/d.json")
    tracker.log_text("text", "t.txt")
    tracker.log_input(
        tracker.data.from_pandas(frame, source="s3://b/f.csv", name="frame", targets="n"),
        "training",
    )
    tracker.log_input(
        tracker.data.from_numpy(
            pixels, targets=np.arange(4), source="https://e.com/a.npy", name="pixels"
        ),
        context="test",
        tags={"k": "v"},
    )
    tracker.log_metrics({"a": 1, "b": 2}, step=1, synchronous=False).wait()
    tracker.log_params({"p": 1}, synchronous=False).wait()
    tracker.set_tags({"t": "1"}, synchronous=False).wait()
    tracker.flush_artifact_async_logging()
    tracker.start_run(run_name="inner", nested=True)
    with tracker.start_run(run_name="innermost", nested=True) as innermost:
        tracker.log_metric("deep", 1)
    tracker.end_run()

sys.stdout.write(f"{outer.info.run_id} {innermost.info.run_id}\n")
