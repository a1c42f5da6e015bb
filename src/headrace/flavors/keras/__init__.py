"""Models of Keras 3."""
