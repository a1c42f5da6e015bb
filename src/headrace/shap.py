"""Explainers of SHAP: `save_explainer`, `log_explainer`, `load_explainer`."""

from headrace.flavors.shap import FLAVOR, load_explainer, log_explainer, save_explainer

save_model = save_explainer

__all__ = ["FLAVOR", "load_explainer", "log_explainer", "save_explainer", "save_model"]
