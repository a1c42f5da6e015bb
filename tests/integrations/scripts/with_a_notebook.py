"""Run a notebook in a real kernel, as Jupyter does: its file is saved, and the kernel is told its name."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CELLS = [
    "import headrace\nrun = headrace.start_run()",
    "print('from a cell')\nheadrace.log_metric('m', 1)",
    "api_key = 'hunter2-hunter2'\n6 * 7",
    "headrace.end_run()\nfrom headrace.client.chores import chores\nassert chores.wait(bound_s=120)",
]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
path = Path("study.ipynb").absolute()
nbformat.write(notebook, path)
os.environ["JPY_SESSION_NAME"] = str(path)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
