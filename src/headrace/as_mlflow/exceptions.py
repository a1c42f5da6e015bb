"""MLflow's exceptions. Each is the one class that all of ours are of, so whoever catches it catches ours."""

from headrace.errors import HeadraceError

MlflowException = RestException = HeadraceError


class MissingConfigException(HeadraceError):  # noqa: N818  (MLflow's name)
    """A setting is missing. (Never raised here; libraries name it in their ``except``.)"""


class ExecutionException(HeadraceError):  # noqa: N818  (MLflow's name)
    """A project failed. (Never raised here; libraries name it in their ``except``.)"""
