"""The promises of a flavor, as tests for whoever adds one: inherit `FlavorContract`."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from headrace import flavors, plugins
from headrace.models import CodeRefusedError, functions, loading, manifest
from headrace.models.flavor import GROUP, Flavor
from headrace.pyfunc import load_model


class FlavorContract:
    """Saves a model of the flavor and loads it again, in each way that users do.

    Subclasses have the fixtures `flavor`, `model` (one that is trained) and `data` (what it predicts from),
    and may override `same`.
    """

    @pytest.fixture
    def flavor(self) -> Flavor:
        """The flavor."""
        raise NotImplementedError

    @pytest.fixture
    def model(self) -> Any:
        """A model, small and trained."""
        raise NotImplementedError

    @pytest.fixture
    def data(self) -> Any:
        """What it predicts from."""
        raise NotImplementedError

    def same(self, found: Any, expected: Any) -> bool:
        """Whether two predictions are the same."""
        return bool(plugins.load("numpy:allclose")(found, expected))

    @pytest.fixture(autouse=True)
    def _installed(self, flavor: Flavor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The flavor is found by its name, as if by an entry point; nothing of this user's is touched."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

        class Entry:
            def load(self) -> Flavor:
                return flavor

        def added(group: str) -> dict[str, Any]:
            return {flavor.name: Entry()} if group == GROUP else {}

        monkeypatch.setattr(plugins, "added", added)
        assert flavors.find(flavor.name) is not None

    @pytest.fixture
    def saved(self, flavor: Flavor, model: Any, data: Any, tmp_path: Path) -> Path:
        """A folder with the saved model."""
        functions.of(flavor).save_model(model, tmp_path / "model", input_example=data)
        return tmp_path / "model"

    def test_the_model_comes_back(self, flavor: Flavor, model: Any, data: Any, saved: Path) -> None:
        assert flavor.predict is not None
        again = functions.of(flavor).load_model(saved)
        found = flavor.predict(again, data, {}, {})
        assert self.same(found, flavor.predict(model, data, {}, {}))

    def test_it_predicts_as_a_function(
        self, flavor: Flavor, model: Any, data: Any, saved: Path
    ) -> None:
        assert flavor.predict is not None
        assert self.same(load_model(saved).predict(data), flavor.predict(model, data, {}, {}))

    def test_it_says_what_it_needs(self, saved: Path) -> None:
        lines = (saved / "requirements.txt").read_text().splitlines()
        assert lines[0].startswith("headrace==")
        assert loading.look(saved).model.signature is not None
        assert manifest.check(saved).intact

    def test_its_format_is_declared(self, flavor: Flavor, saved: Path) -> None:
        config = loading.look(saved).config_of(flavor)
        assert flavor.format_of(config) in flavor.formats

    def test_code_of_a_stranger_is_not_run(
        self, flavor: Flavor, saved: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "of another"))
        if flavor.why_code(loading.look(saved).config_of(flavor)) is None:
            load_model(saved)
        else:
            with pytest.raises(CodeRefusedError):
                load_model(saved)

    def test_a_file_outside_of_the_model_is_not_read(self, flavor: Flavor, saved: Path) -> None:
        found = loading.look(saved)
        config = dict(found.config_of(flavor))
        paths = [
            key for key, value in config.items()
            if isinstance(value, str) and (saved / value).exists()
        ]  # fmt: skip
        for key in paths:
            with pytest.raises(ValueError, match="outside"):
                flavor.load(saved, {**config, key: "../outside"})

    def test_options_are_named(self, flavor: Flavor) -> None:
        for function in (flavor.save, flavor.load):
            kinds = [one.kind for one in inspect.signature(function).parameters.values()][2:]
            assert set(kinds) <= {inspect.Parameter.KEYWORD_ONLY}
