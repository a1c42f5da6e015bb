"""Registered models: names, versions without gap or twin, stages, aliases, tags, sources, searches."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace.entities import ModelVersion, ModelVersionTag, RegisteredModel, RegisteredModelTag
from headrace.errors import AlreadyExistsError, InvalidValueError, NotFoundError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, new_experiment, new_run, unique
from headrace.wire import registry as r
from headrace.wire import tracking as w

_SOURCE = "s3://models/prices"


def new_model(store: TrackingStore, name: str | None = None, **tags: str) -> str:
    """The name of a new registered model."""
    given = [RegisteredModelTag(key, value) for key, value in tags.items()]
    question = r.CreateRegisteredModel(name or unique("model"), given)
    return store.create_registered_model(question).registered_model.name


def new_version(store: TrackingStore, name: str, **tags: str) -> str:
    """The number of a new version."""
    given = [ModelVersionTag(key, value) for key, value in tags.items()]
    question = r.CreateModelVersion(name, _SOURCE, tags=given)
    return store.create_model_version(question).model_version.version


def model_of(store: TrackingStore, name: str) -> RegisteredModel:
    """The model as the store has it now."""
    return store.get_registered_model(r.GetRegisteredModel(name)).registered_model


def version_of(store: TrackingStore, name: str, version: str = "1") -> ModelVersion:
    """The version as the store has it now."""
    return store.get_model_version(r.GetModelVersion(name, version)).model_version


def stages(store: TrackingStore, name: str, count: int) -> list[str]:
    """The stages of the versions 1 to ``count``."""
    return [version_of(store, name, str(n)).current_stage for n in range(1, count + 1)]


def move(
    store: TrackingStore, name: str, version: str, stage: str, *, archive: bool = False
) -> None:
    """Move a version to a stage."""
    store.transition_model_version_stage(r.TransitionStage(name, version, stage, archive))


class RegistryContract(Given):
    """The promises about registered models and their versions."""

    @pytest.fixture
    def name(self, store: TrackingStore) -> str:
        """A new model."""
        return new_model(store)

    # Models

    def test_a_registered_model_is_made_and_found(self, store: TrackingStore) -> None:
        name = new_model(store, unique("ä b.c-字"), team="vision", note="x" * 1000)
        found = model_of(store, name)
        assert (found.name, found.tags) == (name, {"team": "vision", "note": "x" * 1000})
        assert found.creation_timestamp == found.last_updated_timestamp > 0
        assert (found.latest_versions, found.aliases, found.description) == ([], {}, None)
        with pytest.raises(AlreadyExistsError, match="already exists"):
            new_model(store, name)
        with pytest.raises(NotFoundError, match="nobody not found"):
            model_of(store, "nobody")

    @pytest.mark.parametrize(
        "name",
        [
            "",
            " ",
            " a",
            "a ",
            "a/b",
            "a:b",
            "a%b",
            "a\\b",
            ".",
            "..",
            "a\nb",
            "a\u202eb",
            "e\u0301",
            "x" * 257,
        ],
    )
    def test_names_that_models_cannot_have_are_refused(
        self, store: TrackingStore, name: str
    ) -> None:
        with pytest.raises(InvalidValueError, match="name"):
            new_model(store, name) if name else store.create_registered_model(
                r.CreateRegisteredModel("")
            )

    def test_a_model_is_renamed_with_all_that_belongs_to_it(
        self, store: TrackingStore, name: str
    ) -> None:
        new_version(store, name, key="value")
        store.set_registered_model_alias(r.SetAlias(name, "best", "1"))
        other, new = new_model(store), unique("new")
        with pytest.raises(AlreadyExistsError):
            store.rename_registered_model(r.RenameRegisteredModel(name, other))
        renamed = store.rename_registered_model(r.RenameRegisteredModel(name, new))
        assert renamed.registered_model.name == new
        assert renamed.registered_model.aliases == {"best": "1"}
        assert version_of(store, new).tags == {"key": "value"}
        with pytest.raises(NotFoundError):
            model_of(store, name)
        assert new_model(store, name) == name, "the name is free"

    def test_a_description_is_replaced_and_taken_away(
        self, store: TrackingStore, name: str
    ) -> None:
        new_version(store, name)
        store.update_registered_model(r.UpdateRegisteredModel(name, "what it is for"))
        store.update_model_version(r.UpdateModelVersion(name, "1", "what changed"))
        assert model_of(store, name).description == "what it is for"
        assert version_of(store, name).description == "what changed"
        store.update_registered_model(r.UpdateRegisteredModel(name))
        store.update_model_version(r.UpdateModelVersion(name, "1"))
        assert model_of(store, name).description is None
        assert version_of(store, name).description is None

    def test_a_model_that_was_removed_is_gone_and_begins_anew(
        self, store: TrackingStore, name: str
    ) -> None:
        new_version(store, name, key="value")
        store.set_registered_model_alias(r.SetAlias(name, "best", "1"))
        store.delete_registered_model(r.DeleteRegisteredModel(name))
        for ask in (
            lambda: model_of(store, name),
            lambda: version_of(store, name),
            lambda: new_version(store, name),
            lambda: store.get_model_version_by_alias(r.GetByAlias(name, "best")),
            lambda: store.delete_registered_model(r.DeleteRegisteredModel(name)),
        ):
            with pytest.raises(NotFoundError, match="not found"):
                ask()
        new_model(store, name)
        assert new_version(store, name) == "1"
        assert model_of(store, name).aliases == {}

    def test_tags_are_set_and_removed(self, store: TrackingStore, name: str) -> None:
        new_version(store, name)
        long = "y" * 5_000
        for value in ("first", long):
            store.set_registered_model_tag(r.SetRegisteredModelTag(name, "key", value))
            store.set_model_version_tag(r.SetModelVersionTag(name, "1", "key", value))
        assert (model_of(store, name).tags, version_of(store, name).tags) == ({"key": long},) * 2
        for _ in range(2):  # one that is not there is no error
            store.delete_registered_model_tag(r.DeleteRegisteredModelTag(name, "key"))
            store.delete_model_version_tag(r.DeleteModelVersionTag(name, "1", "key"))
        assert (model_of(store, name).tags, version_of(store, name).tags) == ({}, {})
        with pytest.raises(InvalidValueError, match="100,000"):
            store.set_registered_model_tag(r.SetRegisteredModelTag(name, "key", "y" * 100_001))

    # Versions

    def test_versions_count_up_and_no_number_is_given_twice(
        self, store: TrackingStore, name: str
    ) -> None:
        assert [new_version(store, name) for _ in range(3)] == ["1", "2", "3"]
        store.delete_model_version(r.DeleteModelVersion(name, "3"))
        with pytest.raises(NotFoundError, match="version=3"):
            version_of(store, name, "3")
        assert new_version(store, name) == "4"
        found = version_of(store, name, "4")
        assert (found.name, found.current_stage, found.status) == (name, "None", "READY")
        assert (found.source, found.run_id, found.tags, found.aliases) == (_SOURCE, None, {}, [])

    def test_versions_made_at_once_have_neither_gap_nor_twin(
        self, store: TrackingStore, name: str
    ) -> None:
        with ThreadPoolExecutor(16) as pool:
            made = list(pool.map(lambda _: new_version(store, name), range(48)))
        assert sorted(map(int, made)) == list(range(1, 49))

    def test_many_are_registered_in_one_call(self, store: TrackingStore, name: str) -> None:
        other = unique("other")
        new_version(store, name)
        wanted = [
            r.CreateModelVersion(one, f"{_SOURCE}/{n}", tags=[ModelVersionTag("n", str(n))])
            for n, one in enumerate((name, other, name, other, other))
        ]
        made = store.register_models(r.RegisterModels(wanted)).versions
        assert [(each.name, each.version) for each in made] == [
            (name, "2"), (other, "1"), (name, "3"), (other, "2"), (other, "3"),
        ]  # fmt: skip
        assert version_of(store, other, "3").tags == {"n": "4"}
        assert version_of(store, name, "3").source == f"{_SOURCE}/2"
        bad = [*wanted[:2], r.CreateModelVersion(name, "http://host/file")]
        with pytest.raises(InvalidValueError, match="web servers"):
            store.register_models(r.RegisterModels(bad))
        assert new_version(store, name) == "4", "all or none"

    def test_numbers_that_are_none_are_refused(self, store: TrackingStore, name: str) -> None:
        for version in ("", "v1", "-1", "1.0", "²"):
            with pytest.raises(InvalidValueError, match="version"):
                version_of(store, name, version)

    # Sources

    def test_a_version_of_a_logged_model_has_its_files_and_its_run(
        self, store: TrackingStore, name: str, experiment_id: str, run_id: str
    ) -> None:
        question = w.CreateLoggedModel(experiment_id, "trained", source_run_id=run_id)
        logged = store.create_logged_model(question).model
        source = f"models:/{logged.model_id}"
        asked = r.CreateModelVersion(name, source, model_id=logged.model_id)
        made = store.create_model_version(asked).model_version
        assert (made.source, made.run_id) == (source, run_id)
        uri = store.get_model_version_download_uri(r.GetDownloadUri(name, "1")).artifact_uri
        assert uri == logged.artifact_location
        noted = store.get_logged_model(w.GetLoggedModel(logged.model_id)).model.tags
        assert noted["mlflow.modelVersions"] == f'[{{"name":"{name}","version":"1"}}]'
        with pytest.raises(InvalidValueError, match="another model"):
            store.create_model_version(r.CreateModelVersion(name, source, model_id="m-other"))
        with pytest.raises(NotFoundError):
            store.create_model_version(r.CreateModelVersion(name, "models:/m-nobody"))

    def test_a_version_of_a_run_lies_in_its_files(
        self, store: TrackingStore, name: str, run_id: str
    ) -> None:
        source = f"runs:/{run_id}/model/a"
        with pytest.raises(InvalidValueError, match="run_id must be"):
            store.create_model_version(r.CreateModelVersion(name, source))
        store.create_model_version(r.CreateModelVersion(name, source, run_id))
        place = store.get_run(w.GetRun(run_id)).run.info.artifact_uri
        uri = store.get_model_version_download_uri(r.GetDownloadUri(name, "1")).artifact_uri
        assert uri == f"{place}/model/a"
        asked = r.CreateModelVersion(name, f"{place}/model", run_id)
        assert store.create_model_version(asked).model_version.version == "2"
        other = new_run(store, new_experiment(store))
        for bad in (
            r.CreateModelVersion(name, f"{place}/model"),
            r.CreateModelVersion(name, f"{place}/model", other),
            r.CreateModelVersion(name, f"{place}/../model", run_id),
            r.CreateModelVersion(name, f"{place}/%2e%2e/model", run_id),
            r.CreateModelVersion(name, f"{place}x/model", run_id),
        ):
            with pytest.raises(InvalidValueError, match="source"):
                store.create_model_version(bad)

    @pytest.mark.parametrize(
        "source",
        ["/etc", "file:///etc", "word", "http://host/x", "ftp://host/x", "s3://b/../c", "s3://b/%252e%252e/c",
         "models:/", "models:/a/b/c", "", "runs:/", "s3://b/\x00"],
    )  # fmt: skip
    def test_sources_that_no_version_may_have_are_refused(
        self, store: TrackingStore, name: str, source: str
    ) -> None:
        with pytest.raises(InvalidValueError):
            store.create_model_version(r.CreateModelVersion(name, source))

    def test_a_version_is_copied_by_any_of_its_names(
        self, store: TrackingStore, name: str, run_id: str
    ) -> None:
        store.create_model_version(r.CreateModelVersion(name, f"runs:/{run_id}/model", run_id))
        store.set_registered_model_alias(r.SetAlias(name, "best", "1"))
        move(store, name, "1", "Production")
        uri = store.get_model_version_download_uri(r.GetDownloadUri(name, "1"))
        copies = new_model(store)
        for which in ("/1", "@best", "/latest", "/production"):
            asked = r.CreateModelVersion(copies, f"models:/{name}{which}")
            copied = store.create_model_version(asked).model_version
            assert copied.run_id == run_id
            found = r.GetDownloadUri(copies, copied.version)
            assert store.get_model_version_download_uri(found) == uri
        store.delete_model_version(r.DeleteModelVersion(name, "1"))
        assert store.get_model_version_download_uri(r.GetDownloadUri(copies, "1")) == uri
        with pytest.raises(NotFoundError):
            store.create_model_version(r.CreateModelVersion(copies, f"models:/{name}/1"))

    # Stages

    def test_a_version_moves_and_what_was_there_is_archived_with_it(
        self, store: TrackingStore, name: str
    ) -> None:
        for _ in range(4):
            new_version(store, name)
        move(store, name, "1", "PRODUCTION")
        move(store, name, "2", "Production")
        assert stages(store, name, 4) == ["Production", "Production", "None", "None"]
        move(store, name, "3", "Production", archive=True)
        assert stages(store, name, 4) == ["Archived", "Archived", "Production", "None"]
        latest = store.get_latest_versions(r.GetLatestVersions(name)).model_versions
        assert {each.current_stage: each.version for each in latest} == {
            "None": "4", "Production": "3", "Archived": "2",
        }  # fmt: skip
        assert latest == [version_of(store, name, each.version) for each in latest]
        only = store.get_latest_versions(r.GetLatestVersions(name, ["production"])).model_versions
        assert [each.version for each in only] == ["3"]
        assert len(model_of(store, name).latest_versions) == 3
        with pytest.raises(InvalidValueError, match="None, Staging, Production, Archived"):
            move(store, name, "1", "Live")
        with pytest.raises(InvalidValueError, match="archive_existing_versions"):
            move(store, name, "1", "Archived", archive=True)
        with pytest.raises(InvalidValueError, match="stage"):
            store.get_latest_versions(r.GetLatestVersions(name, ["Live"]))

    def test_of_moves_at_once_one_version_is_left_in_production(
        self, store: TrackingStore, name: str
    ) -> None:
        for _ in range(16):
            new_version(store, name)
        with ThreadPoolExecutor(16) as pool:
            list(
                pool.map(
                    lambda n: move(store, name, str(n), "Production", archive=True), range(1, 17)
                )
            )
        found = stages(store, name, 16)
        assert found.count("Production") == 1
        assert found.count("Archived") == 15

    # Aliases

    def test_an_alias_stands_for_one_version(self, store: TrackingStore, name: str) -> None:
        new_version(store, name)
        new_version(store, name)
        for version in ("1", "2"):
            store.set_registered_model_alias(r.SetAlias(name, "best", version))
        store.set_registered_model_alias(r.SetAlias(name, "a-b_C1", "2"))
        assert model_of(store, name).aliases == {"best": "2", "a-b_C1": "2"}
        found = store.get_model_version_by_alias(r.GetByAlias(name, "best")).model_version
        assert (found.version, sorted(found.aliases)) == ("2", ["a-b_C1", "best"])
        store.delete_registered_model_alias(r.DeleteAlias(name, "a-b_C1"))
        store.delete_registered_model_alias(r.DeleteAlias(name, "a-b_C1"))
        store.delete_model_version(r.DeleteModelVersion(name, "2"))
        assert model_of(store, name).aliases == {}
        with pytest.raises(InvalidValueError, match="alias best not found"):
            store.get_model_version_by_alias(r.GetByAlias(name, "best"))
        latest = store.get_model_version_by_alias(r.GetByAlias(name, "latest")).model_version
        assert latest.version == "1"
        with pytest.raises(NotFoundError):
            store.set_registered_model_alias(r.SetAlias(name, "best", "2"))

    @pytest.mark.parametrize("alias", ["", "latest", "LATEST", "v1", "V22", "a b", "a.b", "a\n"])
    def test_aliases_that_mean_something_else_are_refused(
        self, store: TrackingStore, name: str, alias: str
    ) -> None:
        new_version(store, name)
        with pytest.raises(InvalidValueError, match="alias"):
            store.set_registered_model_alias(r.SetAlias(name, alias, "1"))

    # Searches

    def test_models_are_found_by_name_and_tag(self, store: TrackingStore) -> None:
        stem = unique("search").replace(" ", "-")
        new_model(store, f"{stem}-b", team="vision", size="10")
        new_model(store, f"{stem}-A", team="speech", size="9", long="z" * 400)
        new_model(store, f"{stem}-c")
        new_version(store, f"{stem}-c")

        def found(text: str, *order: str) -> list[str]:
            question = r.SearchRegisteredModels(
                f"name LIKE '{stem}-%' AND {text}", order_by=list(order)
            )
            models = store.search_registered_models(question).registered_models
            return [each.name.removeprefix(f"{stem}-") for each in models]

        every = "name LIKE '%'"
        assert found(every) == ["A", "b", "c"]
        assert found(every, "name DESC") == ["c", "b", "A"]
        assert found(every, "timestamp DESC")[0] == "c"
        assert found("tags.team = 'vision'") == ["b"]
        assert found("tag.team != 'vision'") == ["A"]
        assert found("tags.team LIKE '%ee%'") == ["A"]
        assert found(f"tags.long = '{'z' * 400}'") == ["A"]
        assert found("tags.size > 9.5") == ["b"]
        assert found("tags.team IS NULL") == ["c"]
        assert found(f"name ILIKE '{stem.upper()}-a'") == ["A"]
        assert found(f"name IN ('{stem}-A', '{stem}-c')") == ["A", "c"]
        assert found("(tags.team = 'vision' OR tags.size = '9')") == ["A", "b"]

    def test_versions_are_found_by_what_they_are(
        self, store: TrackingStore, run_id: str, name: str
    ) -> None:
        other = new_model(store)
        new_version(store, name, state="good")
        store.create_model_version(r.CreateModelVersion(name, f"runs:/{run_id}/m", run_id))
        new_version(store, other, state="bad")
        move(store, name, "1", "Staging")

        def found(text: str, *order: str) -> list[str]:
            where = f"name IN ('{name}', '{other}')" + (f" AND {text}" if text else "")
            question = r.SearchModelVersions(where, order_by=list(order))
            versions = store.search_model_versions(question).model_versions
            return [f"{'ab'[each.name == other]}{each.version}" for each in versions]

        assert sorted(found("")) == ["a1", "a2", "b1"]
        assert found("", "name ASC", "version_number DESC") == (
            ["a2", "a1", "b1"] if name < other else ["b1", "a2", "a1"]
        )
        assert found(f"run_id = '{run_id}'") == ["a2"]
        assert found("run_id IS NULL", "name", "version_number") in (["a1", "b1"], ["b1", "a1"])
        assert found("version_number = 2") == ["a2"]
        assert found("version_number = '2'") == ["a2"]
        assert found("tags.state = 'good'") == ["a1"]
        assert found(f"source_path LIKE 'runs:/{run_id}%'") == ["a2"]
        assert found("current_stage = 'Staging'") == ["a1"]
        assert found("name = 'nobody'") == []

    def test_a_list_holds_each_once_page_by_page(self, store: TrackingStore) -> None:
        stem = unique("pages")
        names = [new_model(store, f"{stem} {n}") for n in range(5)]
        for name in names:
            new_version(store, name)
        models: list[str] = []
        versions: list[str] = []
        for kind in ("models", "versions"):
            token = None
            while True:
                if kind == "models":
                    asked = r.SearchRegisteredModels(f"name LIKE '{stem}%'", 2, page_token=token)
                    page = store.search_registered_models(asked)
                    models += [each.name for each in page.registered_models]
                    token = page.next_page_token
                else:
                    wanted = r.SearchModelVersions(f"name LIKE '{stem}%'", 2, page_token=token)
                    found = store.search_model_versions(wanted)
                    versions += [each.name for each in found.model_versions]
                    token = found.next_page_token
                if token is None:
                    break
        assert models == names
        assert sorted(versions) == names
        for size in (0, 1001):
            with pytest.raises(InvalidValueError, match="max_results"):
                store.search_registered_models(r.SearchRegisteredModels(max_results=size))

    def test_prompts_are_seen_only_where_they_are_asked_for(self, store: TrackingStore) -> None:
        stem = unique("prompt")
        prompt = new_model(store, f"{stem} p", **{r.IS_PROMPT: "true"})
        model = new_model(store, f"{stem} m")
        asked = r.CreateModelVersion(
            prompt, "dummy-source", tags=[ModelVersionTag(r.IS_PROMPT, "true")]
        )
        store.create_model_version(asked)
        with pytest.raises(InvalidValueError, match="source"):
            store.create_model_version(r.CreateModelVersion(model, "dummy-source"))

        def found(text: str) -> list[str]:
            question = r.SearchRegisteredModels(f"name LIKE '{stem}%'{text}")
            return [
                each.name for each in store.search_registered_models(question).registered_models
            ]

        assert found("") == [model]
        assert found(f" AND tag.`{r.IS_PROMPT}` != 'true'") == [model]
        assert found(f" AND tags.`{r.IS_PROMPT}` = 'true'") == [prompt]
        of_prompt = r.SearchModelVersions(f"name = '{prompt}'")
        assert store.search_model_versions(of_prompt).model_versions == []
