"""Models as functions of Python: whatever made them, `load_model(uri).predict(data)` predicts.

The names are those of MLflow's ``mlflow.pyfunc``.
"""

from headrace.pyfunc.custom import PythonModel, PythonModelContext
from headrace.pyfunc.engines import duckdb_function, spark_udf
from headrace.pyfunc.functions import (
    add_to_model,
    get_default_conda_env,
    get_default_pip_requirements,
    get_model_dependencies,
    load_model,
    load_pyfunc,
    log_model,
    save_model,
)
from headrace.pyfunc.loaded import PyFuncModel
from headrace.pyfunc.tables import Predictor

__all__ = [
    "Predictor",
    "PyFuncModel",
    "PythonModel",
    "PythonModelContext",
    "add_to_model",
    "duckdb_function",
    "get_default_conda_env",
    "get_default_pip_requirements",
    "get_model_dependencies",
    "load_model",
    "load_pyfunc",
    "log_model",
    "save_model",
    "spark_udf",
]
