"""What pickles of MLflow's custom models name, beside what is public."""

from headrace.pyfunc.portable import FunctionModel


class _TypeHints:
    """What a model's `predict` says that it takes and gives."""

    def __init__(self, input_type: object = None, output_type: object = None) -> None:
        self.input, self.output = input_type, output_type


class _FunctionPythonModel(FunctionModel):
    """A function of one input, as MLflow wraps it. (A pickle gives it its attributes.)"""
