"""Every setting, in one table; the only place that reads the environment.

A setting ``x`` is read from ``HEADRACE_X``, else from the MLflow variable named beside it, so that an
environment that is set up for MLflow works as it is. A secret may also lie in a file that
``HEADRACE_X_FILE`` names. An empty variable counts as unset.
"""

import os
from collections.abc import Mapping, MutableMapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from headrace.errors import InvalidValueError

_PREFIX = "HEADRACE_"
_GROUPS: Final = ("Client", "Connection", "Server", "Scoring")


def _of(group: str, doc: str, *, mlflow: str | None = None, secret: bool = False) -> Meta:
    return Meta(description=doc, extra={"group": group, "mlflow": mlflow, "secret": secret})


_RANKS: Final = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID", "LOCAL_RANK")

Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0)]


# fmt: off
class Settings(Struct, frozen=True, kw_only=True):
    """What the environment says, with the defaults for what it does not."""

    tracking_uri: Annotated[str | None, _of("Client", "Where runs are kept: a folder, a database URL, or the URL of a server. A folder `.headrace` in the working directory by default.", mlflow="MLFLOW_TRACKING_URI")] = None
    experiment_name: Annotated[str | None, _of("Client", "The experiment of new runs, by name; it is created where it is missing.", mlflow="MLFLOW_EXPERIMENT_NAME")] = None
    experiment_id: Annotated[str | None, _of("Client", "The experiment of new runs, by id; it must exist.", mlflow="MLFLOW_EXPERIMENT_ID")] = None
    run_id: Annotated[str | None, _of("Client", "The run that the next `start_run` resumes. It is used once.", mlflow="MLFLOW_RUN_ID")] = None
    run_context: Annotated[str | None, _of("Client", "Further tags of each new run, as a JSON object.", mlflow="MLFLOW_RUN_CONTEXT")] = None
    enable_async_logging: Annotated[bool, _of("Client", "Log from a background thread unless a call says `synchronous=True`.", mlflow="MLFLOW_ENABLE_ASYNC_LOGGING")] = False
    spool: Annotated[str | None, _of("Client", "The folder where what is logged waits until the server has it; `~/.local/state/headrace/spool` by default.")] = None
    flush_timeout: Annotated[Seconds, _of("Client", "Seconds that the end of a run waits for the server to have all that was logged; what is left is sent later.")] = 10.0
    offline: Annotated[bool, _of("Client", "Write runs down in the folder `headrace-offline` of the working directory, whatever the tracking URI is; `headrace sync` sends them later.")] = False
    suppress_printing_url_to_stdout: Annotated[bool, _of("Client", "Do not print the address of a run when it ends.", mlflow="MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT")] = False
    capture_code: Annotated[bool, _of("Client", "Keep what a run's commit does not hold: the uncommitted patch, small untracked files, the script, the notebook.")] = True
    capture_environment: Annotated[bool, _of("Client", "Keep the list of installed packages with each run.")] = True
    capture_console: Annotated[bool, _of("Client", "Keep what a run prints.")] = True
    mask_secrets: Annotated[bool, _of("Client", "Replace what looks like a secret (in params, tags, the command line, code and printed text) with `***` before it is kept.")] = True
    enable_system_metrics_logging: Annotated[bool | None, _of("Client", "Record processor, memory, disk, network and GPU use as metrics: always, or never. By default of runs that take longer than a minute.", mlflow="MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING")] = None
    system_metrics_sampling_interval: Annotated[Seconds, _of("Client", "Seconds between two samples of the system metrics.", mlflow="MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL")] = 10.0
    system_metrics_samples_before_logging: Annotated[int, Meta(ge=1), _of("Client", "How many samples are averaged into one point.", mlflow="MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING")] = 1
    system_metrics_node_id: Annotated[str | None, _of("Client", "A name for this machine, in the names of its system metrics, where many log to one run.", mlflow="MLFLOW_SYSTEM_METRICS_NODE_ID")] = None

    allow_model_code: Annotated[bool | None, _of("Client", "Load models whose formats run code when they are loaded: always, or never. By default those of the store in use and those saved by this user on this machine.", mlflow="MLFLOW_ALLOW_MODEL_CODE_EXECUTION")] = None
    env_root: Annotated[str | None, _of("Client", "The folder of the environments that are made for models; `~/.cache/headrace/environments` by default.", mlflow="MLFLOW_ENV_ROOT")] = None
    model_cache_gb: Annotated[float, Meta(ge=0), _of("Client", "How many gigabytes of models that were fetched are kept in `~/.cache/headrace`, to be loaded again without fetching; 0 keeps none.")] = 10.0
    schema_enforcement: Annotated[Literal["error", "strict", "warn"], _of("Client", "What happens to input that a model's signature does not allow: `error` refuses it and leaves out columns that the model does not take, `strict` refuses these too, `warn` only says so.")] = "error"

    tracking_username: Annotated[str | None, _of("Connection", "User name for a server that asks for one.", mlflow="MLFLOW_TRACKING_USERNAME")] = None
    tracking_password: Annotated[str | None, _of("Connection", "Password that goes with the user name.", mlflow="MLFLOW_TRACKING_PASSWORD", secret=True)] = None
    tracking_token: Annotated[str | None, _of("Connection", "Bearer token; it wins over user name and password.", mlflow="MLFLOW_TRACKING_TOKEN", secret=True)] = None
    tracking_insecure_tls: Annotated[bool, _of("Connection", "Accept any certificate of the server. For trials only.", mlflow="MLFLOW_TRACKING_INSECURE_TLS")] = False
    tracking_server_cert_path: Annotated[str | None, _of("Connection", "Certificates of the authorities to trust, as a PEM file or a folder.", mlflow="MLFLOW_TRACKING_SERVER_CERT_PATH")] = None
    tracking_client_cert_path: Annotated[str | None, _of("Connection", "Certificate and key with which the client shows who it is, as a PEM file.", mlflow="MLFLOW_TRACKING_CLIENT_CERT_PATH")] = None
    http_request_timeout: Annotated[Seconds, _of("Connection", "Seconds to wait for a server's answer.", mlflow="MLFLOW_HTTP_REQUEST_TIMEOUT")] = 120.0
    http_request_max_retries: Annotated[Count, _of("Connection", "How often a request is sent again when the server is away or busy.", mlflow="MLFLOW_HTTP_REQUEST_MAX_RETRIES")] = 5
    http_request_backoff_factor: Annotated[Seconds, _of("Connection", "Seconds before the second retry; each further one waits twice as long, the first not at all.", mlflow="MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR")] = 0.5
    http_request_backoff_jitter: Annotated[float, _of("Connection", "Up to so many seconds are added to each wait, so that many clients do not return at once.", mlflow="MLFLOW_HTTP_REQUEST_BACKOFF_JITTER")] = 0.5

    backend_store_uri: Annotated[str | None, _of("Server", "The database, or the folder of an embedded store.", mlflow="MLFLOW_BACKEND_STORE_URI")] = None
    default_artifact_root: Annotated[str | None, _of("Server", "Where clients write the artifacts of new experiments when the server does not serve them.", mlflow="MLFLOW_DEFAULT_ARTIFACT_ROOT")] = None
    artifacts_destination: Annotated[str | None, _of("Server", "Where the server keeps the artifacts that it serves: a folder or an fsspec URL.", mlflow="MLFLOW_ARTIFACTS_DESTINATION")] = None
    serve_artifacts: Annotated[bool, _of("Server", "Let clients read and write artifacts through the server.", mlflow="MLFLOW_SERVE_ARTIFACTS")] = True
    artifacts_only: Annotated[bool, _of("Server", "Serve artifacts and nothing else.", mlflow="MLFLOW_ARTIFACTS_ONLY")] = False
    host: Annotated[str, _of("Server", "The address to listen on.", mlflow="MLFLOW_HOST")] = "127.0.0.1"
    port: Annotated[Port, _of("Server", "The port to listen on.", mlflow="MLFLOW_PORT")] = 5000
    workers: Annotated[Count, _of("Server", "How many processes answer.", mlflow="MLFLOW_WORKERS")] = 1
    static_prefix: Annotated[str | None, _of("Server", "A path in front of every route, such as `/tracking`.", mlflow="MLFLOW_STATIC_PREFIX")] = None
    allowed_hosts: Annotated[tuple[str, ...], _of("Server", "Host names that requests may be addressed to, besides those of the loopback; separated by commas.", mlflow="MLFLOW_SERVER_ALLOWED_HOSTS")] = ()
    cors_allowed_origins: Annotated[tuple[str, ...], _of("Server", "Origins of other sites whose pages may call the server; separated by commas.", mlflow="MLFLOW_SERVER_CORS_ALLOWED_ORIGINS")] = ()
    allowed_artifact_roots: Annotated[tuple[str, ...], _of("Server", "Artifact locations that clients may choose for their experiments, besides those under the server's own root; separated by commas.")] = ()
    without_auth: Annotated[bool, _of("Server", "Listen on an address that other machines reach although nobody has to sign in.")] = False
    secret_key: Annotated[str | None, _of("Server", "A long random text with which secrets of users are encrypted before they are stored; the same on all servers of a database. In a folder, a key file is made by itself.", mlflow="MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", secret=True)] = None
    webhook_allowed_schemes: Annotated[tuple[str, ...], _of("Server", "What URLs of webhooks may begin with, separated by commas.", mlflow="MLFLOW_WEBHOOK_ALLOWED_SCHEMES")] = ("https",)
    webhook_allow_private_ips: Annotated[bool, _of("Server", "Let webhooks call addresses of private networks and of the server's own machine.", mlflow="MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS")] = False
    webhook_request_timeout: Annotated[Seconds, _of("Server", "Seconds that a call of a webhook may take.", mlflow="MLFLOW_WEBHOOK_REQUEST_TIMEOUT")] = 30.0
    read_timeout: Annotated[Seconds, _of("Server", "Seconds that a question, such as a search, may take in the database before it is ended.")] = 30.0
    expose_prometheus: Annotated[str | None, _of("Server", "Serve `/metrics`. MLflow's value, a folder, is accepted and not needed.", mlflow="MLFLOW_EXPOSE_PROMETHEUS")] = None

    scoring_workers: Annotated[int, Meta(ge=1), _of("Scoring", "How many processes answer for a model.", mlflow="MLFLOW_MODELS_WORKERS")] = 1
    scoring_request_timeout: Annotated[Seconds, _of("Scoring", "Seconds that a request's body may take to arrive, and then its prediction.", mlflow="MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT")] = 60.0
    scoring_max_request_mb: Annotated[float, Meta(gt=0), _of("Scoring", "The largest body of a request, in MiB.")] = 64.0
    scoring_max_waiting: Annotated[int, Meta(ge=1), _of("Scoring", "How many requests may wait for a model; further ones are sent away with 429.")] = 1024
    scoring_reload_interval: Annotated[Seconds, _of("Scoring", "Seconds between two looks whether the alias, stage or `latest` that is served has moved.")] = 5.0
    scoring_model_config: Annotated[str | None, _of("Scoring", "Configuration for the models that are served, as a JSON object.", mlflow="SERVING_MODEL_CONFIG")] = None
# fmt: on


class Setting(Struct, frozen=True):
    """One row of the table."""

    name: str
    group: str
    doc: str
    kind: Any
    default: Any
    mlflow: str | None
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable."""
        return _PREFIX + self.name.upper()

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables that are looked at, the first that is set wins."""
        own = (self.variable, f"{self.variable}_FILE") if self.secret else (self.variable,)
        return (*own, self.mlflow) if self.mlflow else own


def table() -> tuple[Setting, ...]:
    """All settings, in the order of the documentation."""
    return tuple(_row(field) for field in msgspec.structs.fields(Settings))


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """What is set now.

    Raises `InvalidValueError` that names the variable whose value cannot be read.
    """
    given = os.environ if environ is None else environ
    # Each run asks several times: few variables are set, so those are looked at, not all that could be.
    rows = {row.name: row for variable in given if (row := _BY_VARIABLE.get(variable))}
    texts = {name: _text(row, given) for name, row in rows.items()}
    found = {name: _value(rows[name], text) for name, text in texts.items() if text is not None}
    return Settings(**found) if found else _DEFAULTS


def take_run_id(environ: MutableMapping[str, str] | None = None) -> str | None:
    """The run to resume, removed from the environment so that it is resumed once."""
    given = os.environ if environ is None else environ
    run_id = settings(given).run_id
    for variable in _ROWS["run_id"].variables:
        given.pop(variable, None)
    return run_id


def choose(name: str, value: object, environ: MutableMapping[str, str] | None = None) -> None:
    """Set a setting from now on, in this process and in those that it starts.

    Raises `InvalidValueError` for a value that the setting cannot have.
    """
    given = os.environ if environ is None else environ
    row = _ROWS[name]
    text = _shown(value)
    _value(row, text)
    given[row.variable] = text


def enable_async_logging(enable: bool = True) -> None:  # noqa: FBT001, FBT002  (MLflow's signature)
    """Log from a background thread unless a call says otherwise."""
    choose("enable_async_logging", enable)


def enable_system_metrics_logging() -> None:
    """Record the system metrics of every run that starts from now on."""
    choose("enable_system_metrics_logging", "true")


def disable_system_metrics_logging() -> None:
    """Record no system metrics of runs that start from now on."""
    choose("enable_system_metrics_logging", "false")


def set_system_metrics_sampling_interval(interval: float) -> None:
    """Seconds between two samples."""
    choose("system_metrics_sampling_interval", interval)


def set_system_metrics_samples_before_logging(samples: int) -> None:
    """How many samples are averaged into one point."""
    choose("system_metrics_samples_before_logging", samples)


def set_system_metrics_node_id(node_id: str) -> None:
    """A name for this machine in the names of its system metrics."""
    choose("system_metrics_node_id", node_id)


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where programs of this user keep what they must not lose and the user need not see."""
    given = os.environ if environ is None else environ
    home = given.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "headrace"


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where programs of this user keep what can be fetched again."""
    given = os.environ if environ is None else environ
    home = given.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "headrace"


def notebook(environ: Mapping[str, str] | None = None) -> str | None:
    """The path of the notebook that Jupyter runs this process for, where it says so."""
    return (os.environ if environ is None else environ).get("JPY_SESSION_NAME")


def process_rank(environ: Mapping[str, str] | None = None) -> int:
    """Which process of a distributed training this is, as its launcher says; 0 where there is but one."""
    given = os.environ if environ is None else environ
    texts = (given.get(name, "") for name in _RANKS)
    return next((int(text) for text in texts if text.isdigit()), 0)


def visible_gpus(environ: Mapping[str, str] | None = None) -> list[str] | None:
    """The GPUs that CUDA is told to use, by index; ``None`` where it is told nothing, or not by index."""
    text = (os.environ if environ is None else environ).get("CUDA_VISIBLE_DEVICES")
    named = None if text is None else [part.strip() for part in text.split(",") if part.strip()]
    return named if named is None or all(part.isdigit() for part in named) else None


def reference() -> str:
    """The page of the documentation that lists the settings."""
    lines = [
        "# Settings",
        "",
        "<!-- Made from headrace/config.py by `python -m headrace.config`; do not edit. -->",
        "",
        "Each setting is an environment variable. The MLflow variable beside it is read where the first "
        "is not set. An empty variable counts as unset. A secret may lie in a file: its variable with "
        "`_FILE` behind it names the file.",
    ]
    for group in _GROUPS:
        lines += ["", f"## {group}", "", "| variable | also read | kind | default | what it does |"]
        lines += ["|---|---|---|---|---|"]
        lines += [_line(row) for row in _TABLE if row.group == group]
    return "\n".join(lines) + "\n"


def _row(field: msgspec.structs.FieldInfo) -> Setting:
    meta = next(note for note in get_args(field.type) if isinstance(note, Meta) and note.extra)
    extra = meta.extra or {}
    return Setting(
        name=field.name,
        group=extra["group"],
        doc=meta.description or "",
        kind=field.type,
        default=field.default,
        mlflow=extra["mlflow"],
        secret=extra["secret"],
    )


def _text(row: Setting, environ: Mapping[str, str]) -> str | None:
    for variable in row.variables:
        text = environ.get(variable)
        if text:
            return _secret(variable, text) if variable.endswith("_FILE") else text
    return None


def _secret(variable: str, file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidValueError(f"{variable} names a file that cannot be read: {error}.") from error


def _value(row: Setting, text: str) -> Any:
    if get_origin(_bare(row.kind)) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return msgspec.convert(text.strip(), row.kind, strict=False)
    except msgspec.ValidationError as error:
        shown = "" if row.secret else f" '{text}'"
        raise InvalidValueError(
            f"The value{shown} of {' or '.join(row.variables)} cannot be taken: {error}."
        ) from error


def _line(row: Setting) -> str:
    also = ", ".join(f"`{variable}`" for variable in row.variables[1:])
    default = "" if row.default in (None, ()) else f"`{_shown(row.default)}`"
    return f"| `{row.variable}` | {also} | {_kind_name(row.kind)} | {default} | {row.doc} |"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _kind_name(kind: Any) -> str:
    bare = _bare(kind)
    if get_origin(bare) is tuple:
        return "list"
    return {bool: "true or false", int: "integer", float: "number"}.get(bare, "text")


def __getattr__(name: str) -> Any:
    # MLflow has these here too; where they live is above this module.
    if name in _OF_CONNECTION:
        return getattr(import_module("headrace.client.connection"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


_OF_CONNECTION: Final = (
    "get_registry_uri", "get_tracking_uri", "is_tracking_uri_set", "set_registry_uri",
    "set_tracking_uri",
)  # fmt: skip

_TABLE = table()
_ROWS = {row.name: row for row in _TABLE}
_BY_VARIABLE = {variable: row for row in _TABLE for variable in row.variables}
_DEFAULTS = Settings()


if __name__ == "__main__":
    Path("docs/reference/settings.md").write_text(reference(), encoding="utf-8")
