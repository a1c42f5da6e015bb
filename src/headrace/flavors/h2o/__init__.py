"""Models of H2O."""
