"""Train with Ignite's own logger for mlflow."""

import headrace

headrace.install_as_mlflow()

import torch
from ignite.engine import Engine, Events
from ignite.handlers.mlflow_logger import MLflowLogger, OptimizerParamsHandler

weight = torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([weight], 0.25)


def step(_engine, batch: float) -> dict[str, float]:
    optimizer.zero_grad()
    loss = (weight - batch) ** 2
    loss.backward()
    optimizer.step()
    return {"loss": loss.item()}


trainer = Engine(step)
logger = MLflowLogger()
logger.log_params({"rate": 0.25})
logger.attach_output_handler(
    trainer, Events.ITERATION_COMPLETED, tag="training", output_transform=lambda output: output
)
logger.attach(trainer, OptimizerParamsHandler(optimizer), Events.ITERATION_STARTED)
trainer.run([1.0, 1.0, 1.0], max_epochs=2)
logger.close()
