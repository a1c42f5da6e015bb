from pathlib import Path

import ray
from models import FRAME, saved

from headrace.pyfunc import Predictor

wanted = saved()["classes"].tolist()
given = FRAME.reset_index(names="row")
ray.init(num_cpus=1, include_dashboard=False, object_store_memory=100 * 2**20)
for form in ("pandas", "numpy", "pyarrow"):
    found = ray.data.from_pandas(given).map_batches(
        Predictor, fn_constructor_args=[str(Path("classes").absolute())], batch_size=300,
        batch_format=form, concurrency=1,
    )  # fmt: skip
    assert found.to_pandas().sort_values("row")["prediction"].tolist() == wanted, form
ray.shutdown()
