"""Texts side by side: each is what its temperature alone gives."""

from html import escape
from pathlib import Path

from charrnn.config import SampleConfig
from charrnn.ui.generate import comparison
from charrnn.ui.generate import draft as drafts
from charrnn.ui.model_cache import version


def test_each_text_is_that_of_its_temperature_alone(saved: Path) -> None:
    model = version(saved)
    configs = [SampleConfig(length=40, seed=3, temperature=one) for one in (0.0, 0.75, 1.2)]
    *_, last = comparison.together([drafts.begin(model, "A <b>", one) for one in configs], "pt")
    texts = [[*drafts.begin(model, "A <b>", one)][-1].text for one in configs]
    assert len({*texts}) == 3
    for text, head in zip(texts, ("0", "0,75", "1,2"), strict=True):
        assert f"<strong>Temperatura {head}</strong><p><em>A &lt;b&gt;</em>{escape(text[5:])}</p>" in last
    assert 'aria-busy="false"' in last
    assert last.endswith(">Número do sorteio: 3</p>")
