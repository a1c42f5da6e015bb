"""An endpoint as one writes it with FastAPI."""

import numpy as np
from fastapi import FastAPI
from model import fitted
from pydantic import BaseModel

app = FastAPI()
MODEL = fitted()


class Rows(BaseModel):
    """The body of a request."""

    rows: list[list[float]]


@app.post("/invocations")
async def invocations(body: Rows) -> dict[str, list[int]]:
    return {"predictions": MODEL.predict(np.array(body.rows)).tolist()}
