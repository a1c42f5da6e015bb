"""Models of statsmodels."""
