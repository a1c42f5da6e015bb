"""A runtime of MLServer, in its own process."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from model import fitted


class Classifier(MLModel):
    """Answers with classes."""

    async def load(self) -> bool:
        self._model = fitted()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = NumpyCodec.decode_input(payload.inputs[0])
        found = NumpyCodec.encode_output("predictions", self._model.predict(rows))
        return InferenceResponse(model_name=self.name, outputs=[found])
