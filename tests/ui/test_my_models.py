"""The panel of one's models, without a browser: a refusal is one message, and changes nothing on the page."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from charrnn.ui.my_models import ModelsPanel


def test_a_refusal_is_told_alone(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio takes an empty mapping for the value of one component, and reports a bug."""
    shown: list[str] = []
    monkeypatch.setattr(gr, "Warning", shown.append)
    with gr.Blocks():
        parts = [gr.Textbox() for _ in range(7)]
    panel: Any = ModelsPanel(tmp_path, *parts)  # type: ignore[arg-type]
    request: Any = SimpleNamespace(headers={}, cookies={})
    (tmp_path / "meu").mkdir()
    refused = [
        panel.rename(request, None, "novo", None), panel.rename(request, "machado", "novo", None),
        panel.rename(request, "meu", "../x", None), panel.delete(request, "machado", None),
        panel.delete(request, None, None), panel.bring_back(request, None), panel.take_in(request, None),
    ]  # fmt: skip
    assert len(shown) == len(refused)
    assert all(refused)
    assert all({*one} <= {*parts} for one in refused)
