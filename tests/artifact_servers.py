"""The artifact routes behind a real uvicorn, for tests: in a thread of this process."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn

from headrace.artifacts.base import ArtifactStore
from headrace.server.app import Application
from headrace.server.artifacts import artifact_routes
from headrace.server.security import Guard
from headrace.stores.base import TrackingStore


@contextlib.contextmanager
def serving(
    store: TrackingStore,
    served: ArtifactStore | None,
    locations: Callable[[str], ArtifactStore],
) -> Iterator[str]:
    """The URL of a server with these artifacts."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = Application(
        store,
        Guard.of("127.0.0.1", (), ()),
        version="0",
        routes=artifact_routes(store, served, locations),
    )
    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
