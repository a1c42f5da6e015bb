"""Trainings with Lightning and in loops of one's own are recorded, and give what they give unrecorded."""

import pickle

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from torch.utils.data import DataLoader, TensorDataset

import headrace
import headrace.pytorch
from headrace.autologging import beside
from headrace.autologging import session as sessions
from headrace.flavors.pytorch import autologging

torch.manual_seed(0)
X = torch.randn(32, 4)
DATA = TensorDataset(X, X.sum(1, keepdim=True))
CLIENT = headrace.MlflowClient


@pytest.fixture(autouse=True)
def off():
    yield
    headrace.pytorch.autolog(disable=True)


class Net(lightning.LightningModule):
    """A line, with what users log."""

    def __init__(self, rate=0.05):
        super().__init__()
        self.save_hyperparameters()
        self.line = torch.nn.Linear(4, 1)

    def _loss(self, batch):
        return torch.nn.functional.mse_loss(self.line(batch[0]), batch[1])

    def training_step(self, batch, _):
        loss = self._loss(batch)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        self.log("step_loss", loss)
        return loss

    def validation_step(self, batch, _):
        self.log("val_loss", self._loss(batch))

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), self.hparams.rate)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 2)]


def fit(folder, *callbacks, epochs=4, net=None, **options):
    torch.manual_seed(1)
    net = net or Net()
    trainer = lightning.Trainer(
        max_epochs=epochs, accelerator="cpu", devices=1, logger=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=folder, callbacks=list(callbacks), **options,
    )  # fmt: skip
    loader = DataLoader(DATA, 8)
    trainer.fit(net, loader, loader)
    return net, trainer


def recorded():
    beside.flush()
    (run,) = headrace.search_runs(output_format="list")
    return run


def points(run, key):
    return [(one.step, one.value) for one in CLIENT().get_metric_history(run.info.run_id, key)]


def files(run, path=None):
    return {one.path for one in CLIENT().list_artifacts(run.info.run_id, path)}


def test_a_training_with_lightning_is_recorded_and_not_changed(tmp_path):
    plain, bare = fit(tmp_path / "a")
    headrace.autolog()
    checkpoint = ModelCheckpoint(tmp_path / "c", monitor="val_loss")
    net, trainer = fit(tmp_path / "b", checkpoint)
    assert torch.equal(net.line.weight, plain.line.weight)
    assert len(trainer.callbacks) == len(bare.callbacks), "nothing of ours stays behind"
    run = recorded()
    assert (run.info.status, run.data.tags["mlflow.autologging"]) == ("FINISHED", "pytorch")
    expected = {
        "max_epochs": "4",
        "rate": "0.05",
        "optimizer_name": "SGD",
        "lr": "0.05",
        "lr_scheduler_name": "StepLR",
    }
    assert expected.items() <= run.data.params.items()
    assert [step for step, _ in points(run, "train_loss")] == [0, 1, 2, 3]
    assert points(run, "val_loss")[-1][1] == float(trainer.callback_metrics["val_loss"])
    assert points(run, "val_loss")[-1][1] < points(run, "val_loss")[0][1]
    assert "model_summary.txt" in files(run)
    (kept,) = files(run, "checkpoints")
    assert kept.rpartition("/")[2] == checkpoint.best_model_path.rpartition("/")[2]
    (output,) = run.outputs.model_outputs
    again = headrace.pytorch.load_model(f"models:/{output.model_id}")
    assert torch.equal(again.line(X), net.eval().line(X))


def test_early_stopping_is_told(tmp_path):
    headrace.pytorch.autolog(log_models=False)
    stop = EarlyStopping("val_loss", min_delta=100.0, patience=2)
    fit(tmp_path, stop, epochs=9)
    run = recorded()
    assert run.data.params["early_stopping_patience"] == "2"
    assert run.data.metrics["stopped_epoch"] == stop.stopped_epoch > 0
    assert run.data.metrics["wait_count"] == 2
    assert run.outputs is None or not run.outputs.model_outputs


def test_steps_are_recorded_on_request(tmp_path):
    headrace.pytorch.autolog(log_every_n_step=2, log_models=False)
    fit(tmp_path, epochs=2)
    assert [step for step, _ in points(recorded(), "step_loss")] == [2, 4, 6, 8]


def test_a_training_that_fails_fails_as_it_would(tmp_path):
    class Broken(Net):
        def training_step(self, batch, _):
            raise ArithmeticError("no loss")

    headrace.pytorch.autolog()
    with pytest.raises(ArithmeticError, match="no loss"):
        fit(tmp_path, net=Broken())
    assert recorded().info.status == "FAILED"


def test_in_another_process_the_ear_is_deaf():
    session = sessions.begin(autologging.INTEGRATION, autologging.INTEGRATION.defaults)
    copy = pickle.loads(pickle.dumps(autologging._ear(session, "lightning.pytorch")))
    assert type(copy) is lightning.Callback
    session.run.end()


def loop(watched=None, steps=8):
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4)
    losses = []

    def train(tell):
        for _ in range(steps):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(X), DATA.tensors[1])
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(float(loss))
            tell(loss=loss)

    if watched is None:
        train(lambda **_: None)
    else:
        with headrace.pytorch.watch(model, optimizer, scheduler=scheduler, every=watched) as tell:
            train(tell)
    return model, losses


def test_a_loop_of_ones_own_is_recorded_and_not_changed():
    plain, _ = loop()
    model, losses = loop(watched=2)
    assert torch.equal(model.weight, plain.weight)
    run = recorded()
    assert run.info.status == "FINISHED"
    expected = {
        "optimizer_name": "SGD",
        "lr_scheduler_name": "StepLR",
        "parameters": "5",
        "lr": "0.1",
    }
    assert expected.items() <= run.data.params.items()
    means = [(losses[i] + losses[i + 1]) / 2 for i in range(0, 8, 2)]
    assert [step for step, _ in points(run, "loss")] == [2, 4, 6, 8]
    assert [value for _, value in points(run, "loss")] == pytest.approx(means)
    assert points(run, "lr")[-1] == (8, pytest.approx(0.01))
    assert run.data.metrics["weight_norm"] == pytest.approx(
        float(torch.cat([one.flatten() for one in model.parameters()]).norm())
    )
    assert run.data.metrics["gradient_norm"] > 0


def test_the_last_losses_of_a_loop_are_kept_and_the_run_of_the_user_goes_on():
    with headrace.start_run() as own:
        headrace.log_param("mine", 1)
        loop(watched=3)
        assert headrace.active_run().info.run_id == own.info.run_id
    run = recorded()
    assert run.data.params["mine"] == "1"
    assert [step for step, _ in points(run, "loss")] == [3, 6, 8]


def test_only_the_first_process_records_a_loop(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    _, losses = loop(watched=1)
    assert len(losses) == 8
    assert not headrace.search_runs(output_format="list")


def test_a_loop_that_fails_fails_as_it_would():
    model = torch.nn.Linear(1, 1)
    with (
        pytest.raises(ArithmeticError),
        headrace.pytorch.watch(model, torch.optim.SGD(model.parameters(), 0.1)),
    ):
        raise ArithmeticError
    assert recorded().info.status == "FAILED"


def test_what_cannot_be_recorded_does_not_stop_a_loop():
    model = torch.nn.Linear(1, 1)
    with headrace.pytorch.watch(model, torch.optim.SGD(model.parameters(), 0.1), every=1) as tell:
        tell(loss=torch.ones(3), word="none")
        tell(loss=1.0)
    assert recorded().info.status == "FINISHED"
