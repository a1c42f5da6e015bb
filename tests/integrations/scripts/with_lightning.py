"""Train a line with Lightning's own logger for mlflow, checkpoints included."""

import headrace

headrace.install_as_mlflow()

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import MLFlowLogger
from torch.utils.data import DataLoader, TensorDataset


class Line(lightning.LightningModule):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.line = torch.nn.Linear(1, 1)

    def training_step(self, batch, _):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self.line(x), y)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.hparams.rate)


x = torch.linspace(0, 1, 8).unsqueeze(1)
logger = MLFlowLogger(
    "lines", run_name="line", tracking_uri=headrace.get_tracking_uri(), tags={"kind": "toy"}, log_model=True,
)  # fmt: skip
trainer = lightning.Trainer(
    max_epochs=2, accelerator="cpu", logger=logger, log_every_n_steps=1, enable_progress_bar=False,
    enable_model_summary=False, callbacks=[ModelCheckpoint("checkpoints", monitor="train_loss")],
)  # fmt: skip
trainer.fit(Line(rate=0.1), DataLoader(TensorDataset(x, 2 * x), batch_size=4))
