"""Figures as files, in the format that a file's ending names."""

from io import BytesIO, StringIO
from typing import Any

from headrace.errors import InvalidValueError


def drawn(figure: Any, file: str, options: dict[str, Any]) -> bytes:
    """The bytes of a figure of Matplotlib or Plotly; ``options`` go to its own way of saving."""
    ending = file.rpartition(".")[2].lower() if "." in file else "png"
    if hasattr(figure, "savefig"):
        out = BytesIO()
        figure.savefig(out, **{"format": ending, **options})
        return out.getvalue()
    if hasattr(figure, "write_html"):
        return _drawn_by_plotly(figure, ending, options)
    raise InvalidValueError(
        f"A figure must be one of Matplotlib or Plotly, not {type(figure).__name__}."
    )


def _drawn_by_plotly(figure: Any, ending: str, options: dict[str, Any]) -> bytes:
    if ending == "html":
        text = StringIO()
        figure.write_html(text, **{"include_plotlyjs": "cdn", "auto_open": False, **options})
        return text.getvalue().encode()
    if ending == "json":
        return str(figure.to_json(**options)).encode()
    image: bytes = figure.to_image(**{"format": ending, **options})
    return image
