"""Train a tiny language model with transformers' own callback for mlflow."""

import headrace

headrace.install_as_mlflow()

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

torch.manual_seed(0)
config = BertConfig(
    vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
    max_position_embeddings=8,
)  # fmt: skip
rows = [
    {"input_ids": torch.randint(20, (8,)), "attention_mask": torch.ones(8).long(), "labels": i % 2}
    for i in range(16)
]
arguments = TrainingArguments(
    output_dir="out", run_name="tiny bert", report_to=["mlflow"], num_train_epochs=2,
    per_device_train_batch_size=8, logging_steps=1, save_strategy="no", eval_strategy="epoch",
    use_cpu=True, disable_tqdm=True, learning_rate=0.01,
)  # fmt: skip
Trainer(
    model=BertForSequenceClassification(config),
    args=arguments,
    train_dataset=rows,
    eval_dataset=rows,
).train()
