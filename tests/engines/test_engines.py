"""The same model in Spark, DuckDB, Polars, Ray and Dask gives the predictions that it gives in the process."""

from collections.abc import Callable

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # the first makes the environment


@pytest.mark.parametrize("engine", ["spark", "local", "ray_data", "dask_frames"])
def test_an_engine_predicts_as_the_process_does(run: Callable[[str], None], engine: str) -> None:
    run(f"{engine}.py")
