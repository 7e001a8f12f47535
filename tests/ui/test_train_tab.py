"""The tab that trains, without a browser: reports, curves, what is shown of a training, what is refused."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from page_support import Parts, components
from support import QUATRAINS, ROOT

from charrnn.config import ModelConfig
from charrnn.corpus.baselines import Baselines
from charrnn.corpus.catalogue import is_catalogue_name
from charrnn.errors import Phrase, UserError
from charrnn.errors.messages import MESSAGES
from charrnn.storage import registry, run_log
from charrnn.storage.run_log import Evaluation, Point, Record
from charrnn.training.jobs import Job, Phase, Workshop
from charrnn.ui import about, build, score, texts, train
from charrnn.ui.train import curve, sources, watch
from charrnn.ui.train.watch import Chosen, WatchState
from charrnn.ui.visitors import Permissions

NASTY = "<script>alert(1)</script> & “aspas” \" '"
LANGUAGES = get_args(texts.Language)
BESIDE = Baselines(4.5, 2.4, 2.9, 6, 1000, 1000, 100, 0)


def record(path: Path = Path("m"), live: bool = True, final: float | None = None) -> Record:
    points = tuple(Point(10 * n, float(n), n / 40, 40.0 - n, 5.0 / n + 2, 900.0) for n in range(1, 21))
    scored = tuple(Evaluation(50 * n, 5.0 * n, 3.0, 3.0 - n / 4, f"texto {n} {NASTY}") for n in range(1, 5))
    return Record(path, points, scored, BESIDE, final, live, True)


def write(directory: Path, made: Record) -> None:
    """A directory that tells what `made` does."""
    (directory / "training").mkdir(parents=True)
    (directory / "config.json").write_text("{}", encoding="utf-8")
    (directory / run_log.STATE).touch()
    for name, rows in ((run_log.METRICS, made.evaluations), (run_log.POINTS, made.points)):
        lines = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
        (directory / name).write_text(lines, encoding="utf-8")


# The texts


@pytest.mark.parametrize(
    ("room", "more"), [(train, texts.train_tab), (score, texts.score_tab), (about, texts.about_tab)]
)
def test_every_text_of_a_tab_is_used(room: Any, more: Any) -> None:
    assert room.__name__.rpartition(".")[2] in more.__name__
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "charrnn" / "ui").rglob("*.py"))
    named = set(re.findall(r'"([\w-]+)"', code))
    patterns = [re.sub(r"\{[^}]*\}", r"[\\w-]+", text) for text in re.findall(r'f"(\w*\{[^}]*\}\w*)"', code)]
    patterns += [re.sub(r"\{[^}]*\}", r"[\\w-]+", text) for text in re.findall(r"f'(\w*\{[^}]*\}\w*)'", code)]
    for key in more.TEXTS:
        assert key in named or any(re.fullmatch(pattern, key) for pattern in patterns), key


# The report


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_tells_the_numbers_and_the_faults(language: texts.Language, tmp_path: Path) -> None:
    text = QUATRAINS.read_text(encoding="utf-8")
    path = tmp_path / "a<b>.txt"
    path.write_text(text.replace(" de ", " de\xad "), encoding="utf-8")
    found = sources.examined([str(path)])
    (one,) = found.reports
    assert "soft-hyphens" in found.repairs
    page = Parts(sources.shown(found, language))
    assert "a<b>.txt" in page.text
    assert texts.number(language, one.characters) in page.text
    assert MESSAGES["soft-hyphens"][language == "en"] in page.text
    assert one.baselines is not None
    assert texts.number(language, one.baselines.ngram, 2) in page.text
    assert "fault" in [attributes.get("class") for attributes in page.all("li")]


def test_more_texts_than_can_be_examined_are_counted(tmp_path: Path) -> None:
    for number in range(sources.EXAMINED + 3):
        (tmp_path / f"{number}.txt").write_text("Era uma vez um gato.\n" * 3, encoding="utf-8")
    found = sources.examined([str(tmp_path)])
    assert (len(found.reports), found.more) == (sources.EXAMINED, 3)
    assert texts.say("pt", "report_more", count="3") in Parts(sources.shown(found, "pt")).text


def test_all_texts_that_will_be_learned_are_named_first(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Era uma vez um gato.\n" * 3, encoding="utf-8")
    told = sources.shown(sources.examined([str(tmp_path / "b.txt"), str(tmp_path / "a.txt")]), "pt")
    facts = {"count": 2, "names": "b.txt, a.txt", "characters": "126"}
    assert told.startswith(f"<p><strong>{texts.say('pt', 'report_total', **facts)}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_read_is_told_with_what_to_do(language: texts.Language, tmp_path: Path) -> None:
    (tmp_path / "<i>.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    page = Parts(sources.shown(sources.examined([str(tmp_path / "<i>.txt")]), language))
    assert texts.say(language, "report_failed") in page.text
    assert {"pt": "recebido uma imagem; um programa de", "en": "found an image; a text recognition"}[
        language
    ] in page.text
    assert [attributes for attributes in page.all("p") if attributes.get("role") == "alert"]
    assert not page.all("i")


# The curves


@pytest.mark.parametrize("language", LANGUAGES)
def test_curves_show_the_numbers_of_the_record(language: texts.Language) -> None:
    page = Parts(curve.drawn(record(), language, moment=1))
    for bits in (BESIDE.unigram, BESIDE.ngram, BESIDE.xz, 2.0, 2.25):
        assert texts.number(language, bits, 2) in page.text
    train_line, valid_line = (
        [tuple(map(float, pair.split(","))) for pair in str(line["points"]).split()] for line in page.all("polyline")
    )
    assert len(train_line) == 20
    for line in (train_line, valid_line):
        assert [x for x, _ in line] == sorted(x for x, _ in line)  # time goes to the right
        assert [y for _, y in line] == sorted(y for _, y in line)  # fewer bits are lower
        for x, y in line:
            assert curve.LEFT <= x <= curve.WIDTH - curve.RIGHT
            assert curve.TOP <= y <= curve.HEIGHT - curve.BOTTOM
    # Half of the time is spent: the other half is left free.
    assert train_line[-1][0] - curve.LEFT == pytest.approx((curve.WIDTH - curve.LEFT - curve.RIGHT) / 2, abs=0.1)
    assert [circle.get("class") for circle in page.all("circle")] == [None, "now", None, None]
    image = page.all("svg")[0]
    assert image["role"] == "img"
    assert texts.number(language, 2.0, 2) in str(image["aria-label"])


def test_a_run_that_is_watched_is_drawn_over_the_logarithm_of_its_steps() -> None:
    scored = tuple(Evaluation(step, 5.0 + step, 6.5, 6.5 - n, "a") for n, step in enumerate((0, 1, 3)))
    made = Record(Path(), (Point(1, 6.0, 0.1, 9.0, 6.4, 1.0), Point(3, 8.0, 0.3, 7.0, 5.0, 1.0)), scored)
    page = Parts(curve.drawn(made, "pt"))
    assert texts.say("pt", "curve_steps") in page.text
    train_line, valid_line = (
        [float(pair.split(",")[0]) for pair in str(line["points"]).split()] for line in page.all("polyline")
    )
    left, right = curve.LEFT, curve.WIDTH - curve.RIGHT
    assert valid_line == pytest.approx([left, (left + right) / 2, right], abs=0.1)  # log 1, 2, 4
    assert train_line == valid_line[1:]
    assert texts.say("pt", "sample_untrained", bits="6,50") in watch.sample(made, 0, "pt")
    assert "1 passo" in watch.sample(made, 1, "pt")
    linear = Parts(curve.drawn(replace(made, evaluations=(*scored[:1], scored[2])), "pt"))  # began after 5 seconds
    assert [float(pair.split(",")[0]) for pair in str(linear.all("polyline")[1]["points"]).split()] == [left, right]


@pytest.mark.parametrize("language", LANGUAGES)
def test_exams_are_drawn_for_the_moment_that_is_looked_at(language: texts.Language) -> None:
    made = record()
    exams = [{"crase": 0.25 * n, "all": 0.5, "<b>": 1.0} for n in range(4)]
    taken = tuple(replace(one, exam=exam) for one, exam in zip(made.evaluations, exams, strict=True))
    page = Parts(curve.drawn(replace(made, evaluations=taken), language, moment=1))
    assert [item["class"] for item in page.all("li")][-2:] == ["crase", "all"]  # and no other, whatever a log holds
    assert f"{texts.say(language, 'grammar_crase')} 25%" in page.text
    heights = [float(pair.split(",")[1]) for pair in str(page.all("polyline")[2]["points"]).split()]
    assert heights == sorted(heights, reverse=True)  # more right ones are higher
    assert page.all("circle")[-2]["cy"] == f"{heights[1]:.1f}"
    for damaged in ({"all": 2.0}, {"all": "1"}, {"all": float("nan")}):
        with pytest.raises(ValueError, match="exam"):
            replace(taken[0], exam=damaged)


def test_a_finished_run_fills_the_drawing_and_lines_stand_at_their_bits() -> None:
    page = Parts(curve.drawn(record(live=False, final=1.98), "en"))
    points = [tuple(map(float, pair.split(","))) for pair in str(page.all("polyline")[0]["points"]).split()]
    assert points[-1][0] == pytest.approx(curve.WIDTH - curve.RIGHT, abs=0.1)
    heights = {str(a["class"]): float(str(a["y1"])) for a in page.all("line") if "y1" in a and "x2" in a}
    assert "1.98" in page.text
    lines = {a["class"]: float(str(a["y1"])) for a in page.all("line") if a.get("x1") == str(curve.LEFT)}
    assert lines["unigram"] < lines["xz"] < lines["ngram"]
    assert heights


@pytest.mark.parametrize("most", [-registry.LARGEST_NUMBER, 1e-300, 1e4, 1e9, registry.LARGEST_NUMBER])
def test_the_log_of_a_strange_run_is_drawn_at_once(most: float) -> None:
    """With few lines: as many as at other times, however far its numbers go."""
    made = record()
    points = tuple(replace(one, seconds=most, train_bpc=most, remaining=most) for one in made.points)
    scored = tuple(replace(one, seconds=most, valid_bpc=most / 3) for one in made.evaluations)
    page = Parts(curve.drawn(replace(made, points=points, evaluations=scored), "en"))
    assert len(page.all("line")) + len(page.all("text")) < 80


def test_without_points_there_is_a_sentence_and_without_baselines_no_line() -> None:
    assert texts.say("pt", "curve_blank") in Parts(curve.drawn(Record(Path()), "pt")).text
    shipped = Record(Path(), evaluations=record().evaluations)
    page = Parts(curve.drawn(shipped, "en"))
    assert not [line for line in page.all("line") if line.get("class") in curve.BESIDE]
    assert len(page.all("polyline")) == 2


# How a training stands


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", get_args(Phase))
def test_every_phase_has_words_and_all_is_escaped(language: texts.Language, phase: Phase) -> None:
    page = Parts(watch.status(Job(Path("m"), phase, ("first", NASTY)), record(final=1.5), language))
    assert texts.say(language, f"phase_{phase}") in page.text
    assert (NASTY in page.text) == (phase == "failed")
    assert not page.all("script")
    share = texts.say(language, "train_share", share="50%")
    assert (share in page.text) == (phase not in ("preparing", "finished", "none"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_error_that_ended_a_training_is_in_the_language_of_the_page(language: texts.Language) -> None:
    """As the process that trains reports it: by code and facts, through JSON."""
    error = UserError("setting", setting="batch", expected=Phrase("one-of", choices="1, 2"), found=1234.5)
    failure = UserError.from_json(json.loads(json.dumps(error.to_json())))
    page = Parts(watch.status(Job(Path("m"), "failed", ("charrnn: in English",), failure), record(), language))
    assert error.render(language) in page.text
    assert "in English" not in page.text
    for damaged in (None, {}, {"code": "setting"}, {"code": "none", "facts": {}}):
        with pytest.raises(ValueError, match="not a phrase"):
            UserError.from_json(damaged)


def test_samples_can_be_travelled(tmp_path: Path) -> None:
    made = record()
    for moment, number in ((0, 1), (2, 3), (None, 4), (99, 4), (-5, 1)):
        page = Parts(watch.sample(made, moment, "pt"))
        assert f"texto {number} {NASTY}" in page.text
        assert not page.all("script")
    assert texts.say("en", "sample_blank") in watch.sample(Record(tmp_path), None, "en")


@pytest.fixture
def shown(saved: Path) -> watch.Watch:
    import gradio as gr

    with gr.Blocks():
        return watch.column(training=True)


def test_only_what_changed_is_sent(tmp_path: Path, shown: watch.Watch) -> None:
    shop, made = Workshop(tmp_path), record()
    write(tmp_path / "m", made)
    first = watch.look(shop, shown, Chosen(), WatchState(), "pt")
    seen, chosen = first[shown.seen], first[shown.chosen]
    assert chosen == Chosen("m")
    assert (seen.names, seen.phase, seen.step, seen.evaluations) == (("m",), "paused", 200, 4)
    assert set(first) == set(shown.parts)
    assert first[shown.buttons["resume"]].visible
    assert not first[shown.buttons["pause"]].visible
    assert watch.look(shop, shown, chosen, seen, "pt") == {shown.seen: seen}
    there = Chosen("m", 0)
    travelled = watch.look(shop, shown, there, seen, "pt")
    assert travelled[shown.chosen] == there  # or the next look would go back
    assert "texto 1" in travelled[shown.sample]
    assert shown.moment not in travelled  # which the visitor has just moved
    assert texts.say("en", "phase_paused") in watch.look(shop, shown, chosen, seen, "en")[shown.status]
    assert watch.look(shop, shown, Chosen("nobody"), seen, "pt")[shown.chosen] == Chosen("m")


def test_a_training_that_begins_is_looked_at_until_another_is_chosen(tmp_path: Path, shown: watch.Watch) -> None:
    shop, page = Workshop(tmp_path), {shown.chosen: Chosen(), shown.seen: WatchState()}

    def look(wished: Chosen | None = None) -> Chosen:
        page.update(watch.look(shop, shown, wished or page[shown.chosen], page[shown.seen], "pt"))
        return page[shown.chosen]

    write(tmp_path / "a", record())
    assert look() == Chosen("a")
    write(tmp_path / "b", record())
    with run_log.held(tmp_path / "b"):
        assert [look(Chosen("b")), look(), look()] == [Chosen("b")] * 3
        assert [look(Chosen("a")), look()] == [Chosen("a")] * 2


def test_a_training_of_another_process_is_watched_but_not_stopped(tmp_path: Path, shown: watch.Watch) -> None:
    write(tmp_path / "m", record())
    with run_log.held(tmp_path / "m"):
        changes = watch.look(Workshop(tmp_path), shown, Chosen(), WatchState(), "pt")
    assert changes[shown.seen].phase == "elsewhere"
    assert not any(changes[button].visible for button in shown.buttons.values())


# What can be ordered


def test_names_are_free_and_texts_are_never_standard_input(tmp_path: Path) -> None:
    assert train.free_name(tmp_path, "/x/meu livro.txt.gz") == "meu-livro"
    (tmp_path / "meu-livro").mkdir()
    assert train.free_name(tmp_path, "/x/meu livro.txt.gz") == "meu-livro-2"
    assert train.free_name(tmp_path, "/x/---.txt")[0] != "-"
    assert train.chosen_texts(["/a"], ["machado"], "  /b ") == ["/a", "machado", "/b"]
    assert train.chosen_texts(None, None, " - ") == train.chosen_texts([], [], None) == []


def test_no_suggested_name_hides_a_shipped_model(tmp_path: Path) -> None:
    assert train.free_name(tmp_path, "machado") == "machado-2"


def test_only_what_differs_from_the_defaults_is_asked_for() -> None:
    """Or no training begun here could start from a model that knows Portuguese."""
    assert train.wished(ModelConfig.cell, "write", "") == []
    assert train.wished("elman", "share", "Era") == ["--counts", "none", "--cell", "elman", "--prompt", "Era"]
    assert train.wished(None, "watch", None, exam=True) == ["--watch", "--exam"]


def test_what_cannot_begin_is_told(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    (tmp_path / "taken").mkdir()
    for names, name, code in (
        ([], "a", "no-text-chosen"), (["x"], "taken", "new-model-name-taken"),
        *((["x"], name, "new-model-name-malformed") for name in ("", "../a", "-rf", "a/b")),
    ):  # fmt: skip
        with pytest.raises(UserError) as caught:
            train.check(shop, names, name)
        assert caught.value.code == code
    train.check(shop, ["x"], "livre")


def test_all_on_the_shelf_can_be_opened() -> None:
    for _, name in sources.offered("pt"):
        assert Path(name).is_file() or is_catalogue_name(name)
    assert str(QUATRAINS) in [name for _, name in sources.offered("en")]


def test_visitors_who_may_not_train_can_only_watch(saved: Path) -> None:
    found = components(build(saved.parent, Permissions(training=False, paths=False)))
    assert "train-status" in found
    assert not {"do-train", "train-upload", "train-path", "do-pause-training", "do-resume-training"} & set(found)
    assert not components(build(saved.parent, Permissions(paths=False)))["train-path"].visible


def test_a_column_of_a_single_table_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("nome,resposta\nAna,Eu acho que sim.\nBeto,Eu acho que não.\n", encoding="utf-8")
    found = sources.examined([str(path)])
    offered = sources.columns(found.tables)
    assert (offered.choices, offered.value, offered.visible) == ([("nome", "1"), ("resposta", "2")], "2", True)
    (report,) = sources.examined(sources.with_chosen_column([str(path)], "1")).reports
    assert report.characters == len("Ana\nBeto\n")
    assert not sources.columns(found.tables * 2).visible
    assert not sources.columns(()).visible
    problem = sources.examined([f"{path}:idade"]).problem
    assert problem is not None
    assert problem.render("pt") == "a.csv: não há coluna 'idade'; há nome, resposta"


def test_a_pasted_text_is_kept_under_one_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHARRNN_CACHE", str(tmp_path))
    (name,) = train.chosen_texts(None, None, None, "Era uma vez.\n")
    assert train.chosen_texts([], [], "-", "Era uma vez.\n") == [name]
    assert train.chosen_texts(None, None, None, " \n") == []
    assert Path(name).read_text(encoding="utf-8") == "Era uma vez.\n"
    assert train.free_name(tmp_path, name).startswith("texto-colado")
