"""The files that people have, chosen on the page: tables by column, pasted texts, and what is refused in words."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import IN_A_BROWSER, fits, say, settled

from charrnn.training.jobs import workshop
from charrnn.ui import build, start

pytestmark = [
    *IN_A_BROWSER,
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),  # gradio's own accounts of its queue
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    models = tmp_path_factory.mktemp("models")
    blocks = build(models)
    yield start(blocks)
    workshop(models.resolve()).close()
    blocks.close(verbose=False)


def test_a_table_a_picture_and_a_pasted_text(visit_tab: Callable[..., Any], tmp_path: Path) -> None:
    locale, width = "pt-BR", 390
    page = visit_tab("train", locale, width)
    table, picture = tmp_path / "a.csv", tmp_path / "foto.png"
    table.write_text("nome,resposta\nAna,Eu acho que sim.\nBeto,Eu acho que não.\n", encoding="utf-8")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    page.set_input_files("#train-upload input[type=file]", table)
    page.get_by_text("Lida a coluna 'resposta'").wait_for()
    page.click("#train-column input")
    page.get_by_role("option", name="nome").click()
    page.get_by_text("Lida a coluna 'nome'").wait_for()
    fits(page, width)
    page.click("#train-upload button[aria-label='Clear'], #train-upload button[aria-label='Limpar']")
    page.get_by_text(say(locale, "report_blank")).wait_for()
    page.locator("#train-column").wait_for(state="hidden")
    settled(page)
    page.set_input_files("#train-upload input[type=file]", picture)
    page.get_by_text("foto.png: esperado um texto, recebido uma imagem; um programa").wait_for()
