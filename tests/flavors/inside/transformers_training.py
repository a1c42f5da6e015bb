"""Trainings of Transformers are recorded, and give what they give unrecorded."""

import pytest
import tiny
import torch
from transformers import Trainer, TrainingArguments

import headrace
import headrace.transformers
from headrace.autologging import beside

ROWS = [
    {**tiny.tokenizer()(text), "labels": label}
    for text, label in [("good film", 1), ("bad film", 0)] * 8
]


@pytest.fixture(autouse=True)
def off():
    yield
    headrace.transformers.autolog(disable=True)


def trainer(folder):
    args = TrainingArguments(
        output_dir=str(folder), max_steps=6, logging_steps=2, report_to=[], save_strategy="no",
        per_device_train_batch_size=4, use_cpu=True, seed=1, disable_tqdm=True,
        eval_strategy="steps", eval_steps=3,
    )  # fmt: skip
    return Trainer(
        tiny.classifier(), args, train_dataset=ROWS, eval_dataset=ROWS,
        processing_class=tiny.tokenizer(),
    )  # fmt: skip


def recorded():
    beside.flush()
    return headrace.search_runs(output_format="list")


def test_a_training_is_recorded_and_not_changed(tmp_path):
    plain = trainer(tmp_path)
    plain.train()
    headrace.autolog()
    heard = trainer(tmp_path)
    heard.train()
    before, after = plain.model.state_dict(), heard.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    (run,) = recorded()
    assert (run.info.status, run.data.tags["mlflow.autologging"]) == ("FINISHED", "transformers")
    assert run.data.params["hidden_size"] == "16"
    assert run.data.params["per_device_train_batch_size"] == "4"
    losses = headrace.MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert [point.step for point in losses] == [2, 4, 6]
    assert [point.value for point in losses] == [
        one["loss"] for one in heard.state.log_history if "loss" in one
    ]
    assert {"eval_loss", "learning_rate", "train_runtime"} <= set(run.data.metrics)
    assert run.outputs is None or not run.outputs.model_outputs, "models are kept on request"
    count = len(heard.callback_handler.callbacks)
    assert count == len(plain.callback_handler.callbacks), "nothing of ours stays behind"


def test_the_model_is_kept_on_request(tmp_path):
    headrace.transformers.autolog(log_models=True)
    done = trainer(tmp_path)
    done.train()
    (run,) = recorded()
    (output,) = run.outputs.model_outputs
    found = headrace.transformers.load_model(f"models:/{output.model_id}")
    assert torch.equal(found.model.classifier.weight, done.model.classifier.weight)


def test_a_training_that_fails_fails_as_it_would(tmp_path):
    headrace.transformers.autolog()
    bad = trainer(tmp_path)
    bad.train_dataset = [{"input_ids": [1], "labels": "none"}]
    with pytest.raises(ValueError, match="labels"):
        bad.train()
    (run,) = recorded()
    assert run.info.status == "FAILED"
