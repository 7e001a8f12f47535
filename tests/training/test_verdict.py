"""The verdict on a finished training, from its record alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from charrnn.corpus.baselines import Baselines
from charrnn.storage.run_log import Evaluation, FinalScore, Record
from charrnn.training.verdict import longer, verdict

SIMPLE = Baselines(4.53, 2.43, 2.9, 6, 1000, 1000, 100, 0)
EVALUATED = (Evaluation(0, 9.0, 1.94, 1.94, "a"), Evaluation(700, 50.0, 1.9, 1.90, "b"))
RECORD = Record(
    Path("m"), evaluations=EVALUATED, baselines=SIMPLE, final_bpc=1.92,
    outcome=FinalScore(1.92, characters=500_000, base="romances", counts="joined", minutes=5.0),
)  # fmt: skip


def told(record: Record, **changes: object) -> tuple[str, str]:
    assert record.outcome is not None
    found = verdict(replace(record, outcome=replace(record.outcome, **changes)))  # type: ignore[arg-type]
    assert found is not None
    assert found.render("en") != found.render("pt")
    return found.grade, found.render("pt")


def test_a_good_score_stands_beside_what_counting_and_the_start_would_give() -> None:
    grade, text = told(RECORD)
    assert grade == "good"
    assert text == (
        "Bom: 1,92 bits por caractere no texto reservado; contar sequências daria 2,43. Durante o treino, foi de 1,94, "
        "com o modelo de partida (romances), a 1,90. Para melhorar: mais texto do mesmo tipo, ou 15 minutos."
    )


@pytest.mark.parametrize(
    ("changes", "steps", "grade", "said"),
    [
        ({"final_bpc": 3.0}, 700, "weak", "Fraco: 3,00"),
        ({"final_bpc": 6.34}, 700, "poor", "Não aprendeu: 6,34"),
        ({"final_bpc": 6.34}, 20, "poor", "só deu tempo de 20 passos"),
        ({"final_bpc": 3.0, "characters": 9_000}, 700, "weak", "o texto é curto, de 9.000 caracteres"),
        ({"base": ""}, 700, "good", "antes do primeiro passo"),
        ({"counts": "none"}, 700, "good", "A rede está sozinha"),
    ],
)
def test_a_run_is_called_what_it_is_with_the_reason(
    changes: dict[str, object], steps: int, grade: str, said: str
) -> None:
    found = told(replace(RECORD, evaluations=(EVALUATED[0], replace(EVALUATED[1], step=steps))), **changes)
    assert found[0] == grade
    assert said in found[1]


def test_what_does_not_help_is_not_advised() -> None:
    turned = (*EVALUATED, Evaluation(900, 60.0, 1.0, 2.0, "c"))
    assert "minutos" not in told(replace(RECORD, evaluations=turned))[1]
    assert "Para melhorar" not in told(replace(RECORD, evaluations=turned), characters=10**7)[1]
    assert "mais texto" not in told(RECORD, characters=10**7)[1]
    other = replace(EVALUATED[1], train_bpc=1.0, valid_bpc=3.0)
    assert "de outro tipo" in told(replace(RECORD, evaluations=(other,)), final_bpc=3.0)[1]
    same = replace(EVALUATED[1], valid_bpc=1.935)
    assert "quase não mudou" in told(replace(RECORD, evaluations=(EVALUATED[0], same)))[1]
    assert [longer(one) for one in (0.5, 1.0, 5.0, 60.0)] == [1, 5, 15, 120]


def test_what_cannot_be_compared_has_no_verdict() -> None:
    for changes in ({"baselines": None}, {"outcome": None}, {"evaluations": ()}):
        assert verdict(replace(RECORD, **changes)) is None  # type: ignore[arg-type]
