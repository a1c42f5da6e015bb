"""The backend of the guide passes the public suite, and is found by an entry point."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from headrace import plugins
from headrace.artifacts.resolve import open_artifacts
from headrace.testing.artifacts import ArtifactStoreContract

PAGE = Path(__file__).parents[2] / "docs" / "how" / "add-an-artifact-backend.md"
CODE = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def _guide() -> dict[str, Any]:
    names: dict[str, Any] = {}
    assert CODE
    exec(CODE.group(1), names)
    return names


class TestShelf(ArtifactStoreContract):
    @pytest.fixture
    def artifacts(self, tmp_path: Path) -> Any:
        return _guide()["Shelf"](tmp_path / "files.db")


def test_a_scheme_is_found_by_its_entry_point(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Found(EntryPoint):
        def load(self) -> Any:
            return _guide()["connect"]

    def added(group: str) -> dict[str, EntryPoint]:
        return {"headrace.artifacts": {"shelf": Found("shelf", "", "")}}.get(group, {})

    monkeypatch.setattr(plugins, "added", added)
    store = open_artifacts(f"shelf://{tmp_path}/files.db")
    store.write("f", [b"x"])
    assert [info.path for info in store.list()] == ["f"]
