"""Search with Optuna's own callback for mlflow, and its decorator for the objective."""

import headrace

headrace.install_as_mlflow()

import mlflow
import optuna
from optuna_integration.mlflow import MLflowCallback

callback = MLflowCallback(metric_name="distance", create_experiment=True)


@callback.track_in_mlflow()
def objective(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", -1, 1)
    mlflow.log_metric("inside", x)
    return (x - 0.5) ** 2


study = optuna.create_study(study_name="parabola", sampler=optuna.samplers.RandomSampler(0))
study.optimize(objective, n_trials=3, callbacks=[callback])
