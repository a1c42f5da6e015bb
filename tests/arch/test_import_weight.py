import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "numpy", "pandas", "sqlalchemy", "alembic", "starlette", "uvicorn", "httpx", "fsspec", "rich",
    "click", "yaml", "pcodec", "sklearn", "torch", "cloudpickle", "skops",
}  # fmt: skip


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after ``statement``."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "statement",
    [
        "import headrace",
        "import headrace; headrace.MlflowClient, headrace.start_run, headrace.log_metric",
        "import headrace.client.tracking",
        "import headrace.fluent.recording",
        "import headrace.wire.codec, headrace.wire.limits, headrace.stores.resolve",
        "import headrace; headrace.set_tracking_uri('http://127.0.0.1:1')",
        "import headrace.pyfunc, headrace.models, headrace.types, headrace.flavors",
        "import headrace.sklearn, headrace.pytorch, headrace.keras, headrace.xgboost, headrace.onnx",
    ],
)
def test_the_client_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_a_whole_run_in_a_folder_loads_nothing_heavy(tmp_path: Path) -> None:
    run = f"""
import headrace
headrace.set_tracking_uri({str(tmp_path)!r})
headrace.set_experiment("mine")
with headrace.start_run():
    headrace.log_param("p", 1)
    headrace.log_metric("m", 1.0)
    headrace.log_text("a file", "a.txt")
"""
    assert loaded_by(run) & (HEAVY | {"sqlite3"}) == set()


def test_importing_the_package_loads_nothing_of_it_but_itself() -> None:
    ours = {name for name in loaded_by("import headrace") if name.startswith("headrace")}
    assert ours == {"headrace"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_importing_the_package_takes_little_memory() -> None:
    # ru_maxrss would count the parent's memory too; the high-water mark starts anew with the program.
    code = "import headrace; print(open('/proc/self/status').read())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    (kibibytes,) = re.findall(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert int(kibibytes) * 1024 <= 35_000_000


def test_every_public_name_can_be_had() -> None:
    import headrace

    missing = [name for name in headrace.__all__ if getattr(headrace, name, None) is None]
    assert missing == []
    assert set(headrace.__all__) <= set(dir(headrace))
