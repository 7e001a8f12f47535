"""charrnn app: the web page."""

from pathlib import Path

import typer

from charrnn.cli.options import one_thread, whole
from charrnn.storage import registry


def app(
    host: str = typer.Option(
        "127.0.0.1", "--host", help="Address to listen on; by default only this machine.", metavar="HOST"
    ),
    port: int = typer.Option(
        7860, "--port", parser=whole, help="Port to listen on; 0 takes a free one.", metavar="PORT"
    ),
    models: Path = typer.Option(registry.TRAINED, "--models", help="Folder of the trained models.", metavar="DIR"),
    share: bool = typer.Option(False, "--share", help="Open the page to the internet, through gradio's tunnel."),
    allow_training: bool = typer.Option(
        False,
        "--allow-training",
        help="With --share or another --host: visitors may train, and name files to read.",
    ),
    public: str = typer.Option(
        None, "--public", help="The address at which a proxy serves the page to others.", metavar="URL"
    ),
    auth: str = typer.Option(None, "--auth", help="Ask visitors for this name and password.", metavar="USER:PASSWORD"),
) -> None:
    """Open the app: generate text in the browser."""
    one_thread()
    from charrnn.serving.loaded_models import ServedModels

    ServedModels(models).prepare()  # while gradio loads
    from charrnn.ui import serve

    serve(host=host, port=port, models=models, share=share, allow_training=allow_training, auth=auth, public=public)
