"""An environment with other experiment trackers."""

from pathlib import Path

import environments


def python() -> Path:
    """The interpreter of an environment that writes event files of TensorBoard and offline runs of W&B."""
    return environments.environment("trackers", ("wandb", "tensorboardX", "tensorboard", "pillow"))
