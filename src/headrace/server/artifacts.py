"""The routes of artifacts: through the server, and by run or logged model."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.paths import checked_folder
from headrace.errors import InvalidValueError
from headrace.server.artifact_archives import archive_answer
from headrace.server.artifact_bodies import on_thread, store_body
from headrace.server.artifact_desk import ArtifactDesk
from headrace.server.artifact_files import NOT_RUN, file_answer, stored_answer
from headrace.server.artifact_places import Places
from headrace.server.operations import Handler, handlers
from headrace.server.replies import whole_body
from headrace.stores.base import TrackingStore
from headrace.wire.artifacts import ARTIFACTS

THREADS: Final = 64
"""Files on their way to or from a slow backend; threads of their own, so that others need not wait."""
FORM_BYTES: Final = 10 * 2**20

_SERVED = "2.0/mlflow-artifacts/artifacts/{path:path}"
_ARCHIVE = "2.0/headrace/artifacts/archive"
_AJAX = "/ajax-api/2.0/mlflow"


def artifact_routes(
    store: TrackingStore,
    served: ArtifactStore | None,
    locations: Callable[[str], ArtifactStore],
) -> list[Route]:
    """All routes of artifacts.

    ``served`` is what lies behind ``mlflow-artifacts:``, or ``None`` to refuse that; ``locations`` opens
    another location that a run was given, and refuses those that the server may not read.
    """
    places = Places(store, served, locations)
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="headrace-files")
    desk = handlers(ArtifactDesk(places), threads, ARTIFACTS)
    files = _Files(places, threads)
    routes = [_named_route(path, verbs) for path, verbs in desk.items()]
    for surface in ("api", "ajax-api"):
        path = f"/{surface}/{_SERVED}"
        routes += [
            Route(path, files.get_served, methods=["GET"]),
            Route(path, files.put_served, methods=["PUT"]),
            Route(path, files.delete_served, methods=["DELETE"]),
        ]
    return [
        *routes,
        *(
            Route(f"/{surface}/{_ARCHIVE}", files.get_archive, methods=["GET"])
            for surface in ("api", "ajax-api")
        ),
        Route("/get-artifact", files.get_of_run, methods=["GET"]),
        Route(f"{_AJAX}/upload-artifact", files.post_to_run, methods=["POST"]),
        Route(
            f"{_AJAX}/logged-models/{{model_id}}/artifacts/files",
            files.get_of_model,
            methods=["GET"],
        ),
    ]


class _Files:
    """The routes whose answers or bodies are files."""

    def __init__(self, places: Places, threads: ThreadPoolExecutor) -> None:
        self._places = places
        self._threads = threads

    async def get_served(self, request: Request) -> Response:
        path = request.path_params["path"]
        return await file_answer(self._threads, self._places.served, path, request)

    async def put_served(self, request: Request) -> Response:
        path = request.path_params["path"]
        stored = await store_body(self._threads, self._places.served, path, request.stream())
        return stored_answer(stored)

    async def delete_served(self, request: Request) -> Response:
        path = checked_folder(request.path_params["path"])
        await on_thread(self._threads, self._places.served.delete, path)
        return Response(b"{}", media_type="application/json", headers=NOT_RUN)

    async def get_of_run(self, request: Request) -> Response:
        run_id, path = _asked(request, "run_id", "run_uuid"), _asked(request, "path")
        _, store = await on_thread(self._threads, self._places.of_run, run_id)
        return await file_answer(self._threads, store, path, request)

    async def get_of_model(self, request: Request) -> Response:
        path = _asked(request, "artifact_file_path")
        model_id = request.path_params["model_id"]
        _, store = await on_thread(self._threads, self._places.of_model, model_id)
        return await file_answer(self._threads, store, path, request)

    async def get_archive(self, request: Request) -> Response:
        """A folder of a run (``run_id``) or a logged model (``model_id``); without a ``path`` all of it."""
        query = request.query_params
        owner, path = _asked(request, "run_id", "model_id"), query.get("path", "")
        find = self._places.of_run if query.get("run_id") else self._places.of_model
        _, store = await on_thread(self._threads, find, owner)
        return await archive_answer(self._threads, store, path, owner)

    async def post_to_run(self, request: Request) -> Response:
        run_id, path = _asked(request, "run_uuid", "run_id"), _asked(request, "path")
        body = await whole_body(request.scope, request.receive, FORM_BYTES)
        if not body:
            raise InvalidValueError("The request must hold the file's content, and it is empty.")
        _, store = await on_thread(self._threads, self._places.of_run, run_id)
        return stored_answer(await on_thread(self._threads, store.write, path, [body]))


def _asked(request: Request, *names: str) -> str:
    """The first of these parameters of the query string that is given."""
    found = next((value for name in names if (value := request.query_params.get(name))), None)
    if found is None:
        raise InvalidValueError(
            f"Missing value for required parameter '{names[0]}'. See the API docs for more information "
            "about request parameters."
        )
    return found


def _named_route(path: str, verbs: dict[str, Handler]) -> Route:
    route = Route(path, _Named(verbs), methods=list(verbs))
    route.methods = set(verbs)  # Starlette adds HEAD to GET, which no operation answers
    return route


class _Named:
    """A handler of the operations table as the ASGI application of a route."""

    def __init__(self, verbs: dict[str, Handler]) -> None:
        self._verbs = verbs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._verbs[scope["method"]](scope, receive, send, scope["path_params"])
