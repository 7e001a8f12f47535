"""What programs can ask of the app, by named endpoints: see `gradio_client`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from charrnn.config import SampleConfig
from charrnn.errors import Phrase, UserError
from charrnn.storage import registry
from charrnn.ui.generate.draft import begin
from charrnn.ui.model_cache import choices, chosen
from charrnn.ui.permissions import Permissions
from charrnn.ui.problems import api_errors

MOST = 20_000  # characters of a text, where visitors come from elsewhere


def generate_endpoint(models: Path, allowed: Permissions) -> Callable[..., Iterator[str]]:
    def generate(
        request: gr.Request, prompt: str, model: str = registry.DEFAULT, settings: dict[str, Any] | None = None
    ) -> Iterator[str]:
        """Generate text, as far as it is written; the last item is whole.

        settings: fields of SampleConfig, for example {"length": 200, "seed": 1}.
        """
        with api_errors(request):
            config, version = SampleConfig.from_json(settings or {}), chosen(models, model, allowed)
            if version is None:
                known = Phrase("one-of", choices=", ".join(choices(models)))
                raise UserError("setting", setting="model", expected=known, found=repr(model))
            if not allowed.paths and max(config.length, len(prompt)) > MOST:
                raise UserError(
                    "too-long-for-visitors", setting="length", most=MOST, length=config.length, prompt=len(prompt)
                )
            for draft in begin(version, prompt, config):
                yield draft.text[draft.begun :]

    return generate


def models_endpoint(models: Path) -> Callable[[], list[dict[str, Any]]]:
    def list_models() -> list[dict[str, Any]]:
        """The models there are: name, bits per character on held-out text (or null), whether it came with charrnn."""
        return [
            {"name": entry.name, "bits_per_character": entry.bits_per_character, "shipped": entry.shipped}
            for entry in choices(models).values()
        ]

    return list_models
