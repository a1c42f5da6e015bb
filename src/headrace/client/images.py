"""Images as files: one by its name, or one of a series by key and step."""

import re
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.client.values import integer
from headrace.clock import now_ms
from headrace.errors import InvalidValueError

LOGGED_IMAGES_TAG = "mlflow.loggedImages"

_PREVIEW_PIXELS = 256
_KEY = re.compile(r"[a-zA-Z0-9_\-./ ]+")


class Image:
    """A picture from an array of pixels, nested lists of them, a picture of Pillow, or an image file."""

    def __init__(self, image: Any) -> None:
        if isinstance(image, str | Path):
            with plugins.load("PIL.Image:open")(image) as opened:
                image = opened.copy()
        if isinstance(image, list):
            image = plugins.load("numpy:array")(image)
        self._picture = _picture(image)

    def to_pil(self) -> Any:
        """As a picture of Pillow."""
        return self._picture

    def to_array(self) -> Any:
        """As an array of NumPy."""
        return plugins.load("numpy:array")(self._picture)

    def to_list(self) -> list[Any]:
        """As nested lists of pixels."""
        pixels: list[Any] = self.to_array().tolist()
        return pixels

    def resize(self, size: tuple[int, int]) -> "Image":
        """Another one of this width and height."""
        return Image(self._picture.resize(size))

    def save(self, path: str | Path) -> None:
        """Write it to a file, in the format of its ending."""
        self._picture.save(path)


def encoded(
    image: Any,
    artifact_file: str | None,
    key: str | None,
    step: int | None,
    timestamp: int | None,
) -> dict[str, bytes]:
    """The files that an image becomes, by path: itself, and for a series a small preview."""
    if (artifact_file is None) == (key is None):
        raise InvalidValueError("Give artifact_file, or key for a series of images, and not both.")
    picture = _picture(image)
    if artifact_file is not None:
        if step is not None or timestamp is not None:
            raise InvalidValueError("step and timestamp go with key, not with artifact_file.")
        return {artifact_file: _saved(picture, artifact_file.rpartition(".")[2])}
    at = now_ms() if timestamp is None else integer(timestamp, "timestamp")
    if not _KEY.fullmatch(str(key)):
        raise InvalidValueError(
            f"The key of an image holds letters, digits, _ - . / and blanks, nothing else; '{key}' does not."
        )
    # The name holds what the series is read from, in the form that MLflow's pages know.
    place = f"step+{integer(step or 0, 'step')}+timestamp+{at}+{uuid.uuid4()}"
    name = f"images/{str(key).replace('/', '~')}+{place}"
    small = picture.copy()
    small.thumbnail((_PREVIEW_PIXELS, _PREVIEW_PIXELS))
    return {
        f"{name}.png": _saved(picture, "png"),
        f"{name}+compressed.webp": _saved(small, "webp"),
    }


def _saved(picture: Any, ending: str) -> bytes:
    known = plugins.load("PIL.Image:registered_extensions")()
    kind = known.get(f".{ending.lower()}")
    if kind is None:
        raise InvalidValueError(f"No image format has the ending '.{ending}'.")
    out = BytesIO()
    flat = picture.convert("RGB") if kind == "JPEG" and picture.mode in ("RGBA", "P") else picture
    flat.save(out, format=kind)
    return out.getvalue()


def _picture(image: Any) -> Any:
    """A picture of Pillow from one, or from an array of pixels: bytes, or floats from 0 to 1."""
    if isinstance(image, Image):
        return image.to_pil()
    if hasattr(image, "thumbnail"):
        return image
    if not hasattr(image, "dtype"):
        raise InvalidValueError(
            f"An image must be an array or a picture of Pillow, not {type(image).__name__}."
        )
    pixels = image.squeeze(-1) if image.ndim == 3 and image.shape[-1] == 1 else image
    if pixels.dtype.kind == "b":
        pixels = pixels * 255
    elif pixels.dtype.kind == "f":
        if pixels.min() < 0 or pixels.max() > 1:
            raise InvalidValueError("Pixels that are floats must lie from 0 to 1.")
        pixels = pixels * 255
    elif pixels.min() < 0 or pixels.max() > 255:
        raise InvalidValueError("Pixels that are integers must lie from 0 to 255.")
    return plugins.load("PIL.Image:fromarray")(pixels.astype("uint8"))
