"""What a run in a notebook records of itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import headrace


@pytest.mark.slow
def test_a_notebook_is_kept_as_saved_as_executed_and_as_a_page(run: Callable[[str], None]) -> None:
    run("with_a_notebook.py")
    (made,) = headrace.search_runs(["0"], output_format="list")
    assert made.info.status == "FINISHED"
    assert made.data.tags["mlflow.source.type"] == "NOTEBOOK"
    assert made.data.tags["mlflow.source.name"].endswith("study.ipynb")
    root = Path(headrace.artifacts.download_artifacts(run_id=made.info.run_id, artifact_path=""))
    saved = json.loads((root / "notebook" / "study.ipynb").read_text())
    assert [cell["execution_count"] for cell in saved["cells"]] == [None] * 4
    session = json.loads((root / "notebook" / "session.ipynb").read_text())
    assert [cell["execution_count"] for cell in session["cells"]] == [1, 2, 3, 4]
    assert session["cells"][2]["outputs"][0]["data"] == {"text/plain": "42"}
    page = (root / "notebook" / "notebook.html").read_text()
    assert "from a cell" in page
    assert "hunter2" not in page + json.dumps(session)
    console = (root / "console" / "output.log").read_text()
    assert console.splitlines()[0].endswith("from a cell")
