"""Models of Hugging Face Transformers."""
