"""charrnn serve: a standard endpoint for other programs."""

from pathlib import Path

import typer

from charrnn.cli.options import one_thread, whole
from charrnn.storage import registry


def serve(
    model: list[str] = typer.Option(
        [],
        "--model",
        "-m",
        help="Serve this model, the first by default (repeatable); without it, all that `charrnn models` lists.",
        metavar="MODEL",
    ),
    models: Path = typer.Option(registry.TRAINED, "--models", help="Folder of the trained models.", metavar="DIR"),
    host: str = typer.Option(
        "127.0.0.1", "--host", help="Address to listen on; by default only this machine.", metavar="HOST"
    ),
    port: int = typer.Option(
        8000, "--port", parser=whole, help="Port to listen on; 0 takes a free one.", metavar="PORT"
    ),
    api_key: str = typer.Option(
        None, "--api-key", envvar="CHARRNN_API_KEY", help="Answer only requests that have this key.", metavar="KEY"
    ),
    public: str = typer.Option(
        None, "--public", help="The address at which a proxy serves the endpoint to others.", metavar="URL"
    ),
) -> None:
    """Answer other programs' requests for text, as OpenAI's completions do.

    Example: charrnn serve --model machado --port 8000
    """
    one_thread()
    from charrnn.serving.endpoint import serve as run
    from charrnn.serving.loaded_models import ServedModels, refuse_other_than_folder

    refuse_other_than_folder(models)
    only = [registry.find(name, models) for name in model]
    run(ServedModels(models, only), host, port, public=public, key=api_key)
