"""Pipelines of Transformers, saved by either, loaded by the other."""

import contextlib
import json

import mlflow
import numpy as np
import pandas as pd
import pytest
import tiny
import torch
from transformers import pipeline

import headrace
import headrace.transformers

CASES = {
    "text-classification": (tiny.classifier, ["good film", "bad film"]),
    "text-generation": (tiny.writer, ["the film was", "a"]),
    "fill-mask": (tiny.filler, ["the film was [MASK]", "a [MASK] film"]),
}
GREEDY = {"max_new_tokens": 3, "do_sample": False}
WAYS = [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]


def made(task):
    return pipeline(task, model=CASES[task][0](), tokenizer=tiny.tokenizer())


def rows(found):
    """What either gives, as plain values."""
    return found.to_dict("records") if isinstance(found, pd.DataFrame) else found


@pytest.mark.parametrize("task", CASES)
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_both_predict_the_same(save, load, task, folder):
    data = CASES[task][1]
    arguments = GREEDY if task == "text-generation" else {}
    needs = {"pip_requirements": []} if save is mlflow else {}
    original = made(task)
    save.transformers.save_model(original, str(folder), model_config=arguments, **needs)
    expected = rows(mlflow.pyfunc.load_model(str(folder)).predict(data))
    found = rows(load.pyfunc.load_model(str(folder)).predict(data))
    assert str(found) == str(expected)
    again = load.transformers.load_model(str(folder))
    assert str(again(data, **arguments)) == str(original(data, **arguments))


def test_a_table_of_texts_gives_a_table(folder):
    headrace.transformers.save_model(made("text-classification"), folder)
    data = pd.DataFrame({"review": ["good film", "bad film"]})
    found = headrace.pyfunc.load_model(folder).predict(data)
    assert list(found.columns) == ["label", "score"]
    assert [one["score"] for one in made("text-classification")(data["review"].tolist())] == list(
        found["score"]
    )


def test_parts_are_saved_and_come_back(folder):
    parts = {"model": tiny.classifier(), "tokenizer": tiny.tokenizer()}
    headrace.transformers.save_model(parts, folder)
    found = headrace.transformers.load_model(folder, return_type="components")
    assert found["task"] == "text-classification", "the class of the model says so"
    before, after = parts["model"].state_dict(), found["model"].state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert found["tokenizer"]("good film") == parts["tokenizer"]("good film")


def test_a_task_that_is_not_known_is_asked_for(folder):
    parts = {"model": tiny.encoder(), "tokenizer": tiny.tokenizer()}
    with pytest.raises(ValueError, match="task="):
        headrace.transformers.save_model(parts, folder)
    assert not folder.exists()
    headrace.transformers.save_model(parts, folder, task="feature-extraction")
    (found,) = headrace.pyfunc.load_model(folder).predict(["good film"])
    assert np.asarray(found).shape[-1] == 16


def test_a_task_that_this_version_has_not_is_named(folder):
    with pytest.raises(ValueError, match="no task 'mind-reading'"):
        headrace.transformers.save_model(
            {"model": tiny.encoder(), "tokenizer": tiny.tokenizer()}, folder, task="mind-reading"
        )


def test_arguments_of_each_prediction_are_kept(folder):
    headrace.transformers.save_model(
        made("text-generation"), folder, model_config={"return_full_text": False}
    )
    (text,) = headrace.pyfunc.load_model(folder).predict(["the film was"])
    assert not text.startswith("the film")


def test_a_model_of_a_stranger_is_data(folder, monkeypatch, tmp_path):
    headrace.transformers.save_model(made("text-classification"), folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    assert len(headrace.pyfunc.load_model(folder).predict(["good film"])) == 1


@pytest.mark.parametrize("name", ["Trainer", "os.system", "NoSuchModel"])
def test_a_class_of_no_model_is_refused(name, folder):
    headrace.transformers.save_model(made("text-classification"), folder)
    text = (folder / "MLmodel").read_text()
    (folder / "MLmodel").write_text(text.replace("BertForSequenceClassification", name))
    with pytest.raises(ValueError, match="is no class of"):
        headrace.pyfunc.load_model(folder)


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [("config.json", "_attn_implementation", "of-a-stranger/kernel"), ("adapter_config.json", "base", "x")],
)  # fmt: skip
def test_what_would_be_fetched_from_a_hub_is_refused(file, key, value, folder):
    headrace.transformers.save_model(made("text-classification"), folder)
    place = folder / "model" / file
    said = json.loads(place.read_text()) if place.exists() else {}
    place.write_text(json.dumps({**said, key: value}))
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(headrace.HeadraceError, match=r"hub|adapter"):
        headrace.pyfunc.load_model(folder)


HARM = "import pathlib\npathlib.Path({marker!r}).write_text('done')\nclass Evil: pass\n"
PLACES = {
    "tokenizer": ("components/tokenizer", "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.Evil", None]}, "tokenizer_class": "Evil"}),
    "model": ("model", "config.json", {"auto_map": {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"}}),
    "pipeline": ("model", "config.json", {"custom_pipelines": {"text-generation": {"impl": "evil.Evil", "pt": ["AutoModel"]}}}),
    "generation": ("model/custom_generate", "", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_code_that_a_folder_brings_along_is_not_run(name, folder, tmp_path):
    headrace.transformers.save_model(made("text-generation"), folder)
    marker = tmp_path / "harm"
    place, file, said = PLACES[name]
    (folder / place).mkdir(exist_ok=True)
    for program in ("evil.py", "generate.py"):
        (folder / place / program).write_text(HARM.format(marker=str(marker)))
    if file:
        path = folder / place / file
        path.write_text(json.dumps({**json.loads(path.read_text()), **said}))
    (folder / "SHA256SUMS").unlink()
    with contextlib.suppress(ValueError, OSError):
        headrace.pyfunc.load_model(folder).predict(["the film"], None)
    assert not marker.exists()


def test_weights_that_are_a_pickle_are_not_read(folder):
    headrace.transformers.save_model(made("text-classification"), folder)
    weights = folder / "model" / "model.safetensors"
    torch.save(tiny.classifier().state_dict(), folder / "model" / "pytorch_model.bin")
    weights.unlink()
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(OSError, match="safetensors"):
        headrace.pyfunc.load_model(folder)
