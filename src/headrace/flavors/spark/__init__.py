"""Models of Spark ML."""
