"""Models of Transformers made on the spot: small, random, and from no hub."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
)

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "good",
    "bad",
    "film",
    "very",
    "a",
    "the",
    "was",
    "what",
]
_SIZES = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}


def tokenizer():
    """One token a word."""
    found = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    found.pre_tokenizer = pre_tokenizers.Whitespace()
    names = ["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"]
    special = dict(zip(names, WORDS, strict=False))
    return PreTrainedTokenizerFast(tokenizer_object=found, eos_token="[SEP]", **special)


def _bert(kind, **options):
    torch.manual_seed(0)
    return kind(BertConfig(vocab_size=len(WORDS), hidden_size=16, **_SIZES, **options)).eval()


def classifier():
    """Two labels for a text."""
    return _bert(BertForSequenceClassification)


def filler():
    """The word that is missing."""
    return _bert(BertForMaskedLM)


def encoder():
    """A vector for each token."""
    return _bert(BertModel)


def writer():
    """The words that go on."""
    torch.manual_seed(0)
    sizes = {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64}
    special = {"bos_token_id": 3, "eos_token_id": 3, "pad_token_id": 0}
    return GPT2LMHeadModel(GPT2Config(vocab_size=len(WORDS), **sizes, **special)).eval()
