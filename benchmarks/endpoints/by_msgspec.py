"""The quickest endpoint that one writes with FastAPI: its own reading and writing, by msgspec."""

import msgspec
import numpy as np
from fastapi import FastAPI, Request, Response
from model import fitted

app = FastAPI()
MODEL = fitted()


class Rows(msgspec.Struct):
    """The body of a request."""

    rows: list[list[float]]


DECODER, ENCODER = msgspec.json.Decoder(Rows), msgspec.json.Encoder()


@app.post("/invocations")
async def invocations(request: Request) -> Response:
    rows = np.array(DECODER.decode(await request.body()).rows)
    answer = ENCODER.encode({"predictions": MODEL.predict(rows).tolist()})
    return Response(answer, media_type="application/json")
