"""An endpoint as BentoML's guide has it, batching by itself."""

import bentoml
import numpy as np
from model import fitted


@bentoml.service(workers=1)
class Classifier:
    """Answers with classes."""

    def __init__(self) -> None:
        self.model = fitted()

    @bentoml.api(route="/invocations")
    def invocations(self, rows: np.ndarray) -> np.ndarray:
        return self.model.predict(rows)
