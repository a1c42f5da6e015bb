"""Models behind HTTP: MLflow's scoring protocol, with rows that wait together predicted together."""
