"""Params and tags: written, compared, and kept to the last character."""

import pytest

from headrace.entities import RUN_NAME_TAG
from headrace.errors import InvalidValueError, NotFoundError
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, log_texts, run_of
from headrace.wire import tracking as w

VALUES = (
    "",
    " ",
    "blank at the end ",
    " and at the start",
    "line\nbreak\ttab\r\n",
    "case",
    "CASE",
    "caf\u00e9",
    "cafe\u0301",
    "\U0001f600\U0001f1e9\U0001f1ea",
    "\u202eright to left \u05e9\u05dc\u05d5\u05dd",
    "\ufeffmark\u200b\u00a0",
    "\uffff\ue000\x7f\x01",
    "quote ' \" ` \\ % _ ? : ; -- /*",
    "NULL",
    "nan",
    "1e400",
    "1_000",
    "\u0663",
    "9" * 400,
    "x" * 249,
    "x" * 250,
    "x" * 251,
    "\u00e9" * 250 + "\u00e9",
    "\U0001f600" * 300,
)
"""Texts of the kinds that get lost, cut or mixed up on the way in one database or another."""

MIB = 1024 * 1024
KEYS = (
    "k",
    "K",
    "\uac00",
    "\u1100\u1161",
    "a/b",
    "a.b-c_d:e f",
    " k",
    "k ",
    "\u65e5\u672c",
    "x" * 250,
)
BAD_KEYS = (
    "k@",
    "k,",
    "k\n",
    "k\0",
    "\U0001f600",
    "/k",
    "k/",
    "a//b",
    ".",
    "..",
    "../k",
    "a/../b",
    "a/./b",
    "x" * 251,
    "back\\slash",
)


class TextContract(Given):
    """What goes in as text comes out as the same text."""

    def test_params_and_tags_keep_every_character(self, store: TrackingStore, run_id: str) -> None:
        values = {f"k{number}": value for number, value in enumerate(VALUES)}
        log_texts(store, run_id, values, values)
        data = run_of(store, run_id).data
        assert data.params == values
        assert data.tags == {**values, RUN_NAME_TAG: data.tags[RUN_NAME_TAG]}

    def test_keys_are_told_apart_code_point_by_code_point(
        self, store: TrackingStore, run_id: str
    ) -> None:
        values = {key: str(number) for number, key in enumerate(KEYS)}
        log_texts(store, run_id, values, values)
        data = run_of(store, run_id).data
        assert data.params == values
        assert {key: data.tags[key] for key in KEYS} == values

    @pytest.mark.parametrize("character", ["x", "\u00e9", "\U0001f600"])
    def test_a_value_of_a_mebibyte_is_kept_whole_and_a_longer_one_refused(
        self, store: TrackingStore, run_id: str, character: str
    ) -> None:
        longest = character * (MIB // len(character.encode()))
        store.log_param(w.LogParam(run_id, "p", longest))
        store.set_tag(w.SetTag(run_id, "t", longest))
        data = run_of(store, run_id).data
        assert data.params["p"] == longest
        assert data.tags["t"] == longest
        with pytest.raises(InvalidValueError, match="p2"):
            store.log_param(w.LogParam(run_id, "p2", longest + "x"))
        with pytest.raises(InvalidValueError, match="t2"):
            store.set_tag(w.SetTag(run_id, "t2", longest + "x"))
        with pytest.raises(InvalidValueError, match="p2"):
            log_texts(store, run_id, {"p1": "v", "p2": longest + "x"})
        assert run_of(store, run_id).data.params.keys() == {"p"}

    def test_a_key_that_is_none_is_refused(self, store: TrackingStore, run_id: str) -> None:
        before = run_of(store, run_id)
        for key in BAD_KEYS:
            with pytest.raises(InvalidValueError):
                store.log_param(w.LogParam(run_id, key, "v"))
            with pytest.raises(InvalidValueError):
                store.set_tag(w.SetTag(run_id, key, "v"))
            with pytest.raises(InvalidValueError):
                store.log_metric(w.LogMetric(run_id, key, 1.0, 1))
            with pytest.raises(InvalidValueError):
                log_texts(store, run_id, {"good": "v", key: "v"})
        assert run_of(store, run_id) == before

    @pytest.mark.parametrize("text", ["zero\0", "half of a pair \ud800"])
    def test_what_no_database_keeps_as_text_is_refused(
        self, store: TrackingStore, run_id: str, text: str
    ) -> None:
        before = run_of(store, run_id)
        with pytest.raises(InvalidValueError):
            store.log_param(w.LogParam(run_id, "p", text))
        with pytest.raises(InvalidValueError):
            store.set_tag(w.SetTag(run_id, "t", text))
        with pytest.raises(InvalidValueError):
            store.update_run(w.UpdateRun(run_id, run_name=text))
        assert run_of(store, run_id) == before

    # Params

    def test_a_param_is_written_once_and_the_same_value_again_is_no_error(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for number, value in enumerate(VALUES):
            key = f"p{number}"
            store.log_param(w.LogParam(run_id, key, value))
            log_texts(store, run_id, {key: value})
            for other in (f"{value} ", f"{value}x", value.swapcase() + "\u0301"):
                with pytest.raises(InvalidValueError, match=f"'{key}'"):
                    store.log_param(w.LogParam(run_id, key, other))
        params = {f"p{number}": value for number, value in enumerate(VALUES)}
        assert run_of(store, run_id).data.params == params

    def test_a_conflict_names_the_run_the_old_value_and_the_new(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.log_param(w.LogParam(run_id, "p", "old"))
        with pytest.raises(InvalidValueError) as caught:
            store.log_param(w.LogParam(run_id, "p", "new"))
        assert caught.value.message == (
            "Changing param values is not allowed. Param with key='p' was already logged with "
            f"value='old' for run ID='{run_id}'. Attempted logging new value 'new'."
        )

    def test_a_param_without_a_value_is_empty(self, store: TrackingStore, run_id: str) -> None:
        store.log_param(w.LogParam(run_id, "p"))
        assert run_of(store, run_id).data.params == {"p": ""}

    # Tags

    def test_the_last_value_of_a_tag_wins(self, store: TrackingStore, run_id: str) -> None:
        for value in (*VALUES, "x" * 1000, "short"):
            store.set_tag(w.SetTag(run_id, "t", value))
            assert run_of(store, run_id).data.tags["t"] == value

    def test_a_tag_is_removed_and_a_missing_one_is_not_found(
        self, store: TrackingStore, run_id: str
    ) -> None:
        log_texts(store, run_id, tags={"t": "1", "T": "2"})
        store.delete_tag(w.DeleteTag(run_id, "t"))
        tags = run_of(store, run_id).data.tags
        assert (tags.get("t"), tags.get("T")) == (None, "2")
        for key in ("t", "never seen by this store"):
            with pytest.raises(NotFoundError, match=key):
                store.delete_tag(w.DeleteTag(run_id, key))

    def test_a_removed_tag_may_be_set_again(self, store: TrackingStore, run_id: str) -> None:
        store.set_tag(w.SetTag(run_id, "t", "1"))
        store.delete_tag(w.DeleteTag(run_id, "t"))
        store.set_tag(w.SetTag(run_id, "t", "2"))
        assert run_of(store, run_id).data.tags["t"] == "2"

    def test_records_of_models_are_appended_to_their_tag(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for name in ("one", "two"):
            record = f'{{"artifact_path": "{name}"}}'
            store.log_model_record(w.LogModelRecord(run_id, record))
        tag = run_of(store, run_id).data.tags["mlflow.log-model.history"]
        assert tag.replace(" ", "") == '[{"artifact_path":"one"},{"artifact_path":"two"}]'
        for text in ("", "no json", "[]", '"text"'):
            with pytest.raises(InvalidValueError):
                store.log_model_record(w.LogModelRecord(run_id, text))
