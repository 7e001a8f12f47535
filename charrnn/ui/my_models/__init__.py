"""The panel “My models”, below the menu of models: what each is, and renaming, deleting, downloading and adding them.

In: a folder of models, and what a visitor does. Out: the folder changed, and the panel and the menu as it then is.
Only on one's own machine: `Permissions.models`. Read `panel` first.
"""

import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from charrnn import paths
from charrnn.errors import UserError
from charrnn.storage import card, own_models, packing, registry
from charrnn.ui.assets import script
from charrnn.ui.model_cache import choices, listed, preselected
from charrnn.ui.texts import Language, label, language_of, number, say
from charrnn.ui.train import free_name
from charrnn.ui.visitors import ShownErrors

SHOWN = 2  # names of texts in a line; of more, their number
PACKED = "charrnn-packed-"  # begins the names of folders for files that are downloaded
QUIET: dict[str, object] = {"show_progress": "hidden", "api_visibility": "private"}
Changes = dict[object, object]


def described(entry: registry.ModelEntry, language: Language) -> str:
    """Return a model's name, and in the next line its size, texts, score and date."""
    of, parts = card.facts(entry.path), [f"{number(language, entry.size / 1e6, 1)} MB"]
    if of.texts:
        texts = ", ".join(of.texts[:SHOWN])
        if len(of.texts) > SHOWN:
            texts = say(language, "my_models_more", texts=texts, count=len(of.texts) - SHOWN)
        parts.append(say(language, "my_models_texts", texts=texts))
    elif of.characters:
        parts.append(say(language, "my_models_characters", count=number(language, of.characters)))
    parts.append(_score(entry, of, language))
    parts.append(entry.date.strftime("%d/%m/%Y" if language == "pt" else "%Y-%m-%d"))
    if entry.shipped:
        parts.append(say(language, "my_models_shipped"))
    return f"{entry.name}\n{' · '.join(parts)}"


def _score(entry: registry.ModelEntry, of: card.TextFacts, language: Language) -> str:
    """Return the score with the text that it is of, as scores of different texts do not compare."""
    if entry.bits_per_character is None:
        return say(language, "my_models_unscored")
    bits = number(language, entry.bits_per_character, 2)
    if of.same:
        return say(language, "my_models_score_same", bits=bits)
    if not of.held_out:
        return say(language, "my_models_score_other", bits=bits)
    held = ", ".join(of.held_out[:SHOWN])
    if len(of.held_out) > SHOWN:
        held = say(language, "my_models_more", texts=held, count=len(of.held_out) - SHOWN)
    return say(language, "my_models_score", bits=bits, held=held)


@dataclass(frozen=True)
class ModelsPanel:
    """The components of the panel, and the menu above it. Each event is a method, and returns what changes."""

    models: Path
    menu: gr.Dropdown
    list: gr.Radio
    name: gr.Textbox
    status: gr.HTML
    undo: gr.Button
    add: gr.File
    file: gr.DownloadButton

    @property
    def shown(self) -> "list[object]":
        return [self.menu, self.list, self.name, self.status, self.undo, self.add]

    def look(self, request: gr.Request, chosen: str | None) -> Changes:
        """List the models as they are now."""
        return self._changes(language_of(request), chosen, "")

    def rename(self, request: gr.Request, chosen: str | None, new: str | None, menu: str | None) -> Changes:
        language, new = language_of(request), (new or "").strip()
        with ShownErrors(language):
            own_models.rename(self.models, self._own(chosen), new)
            said = say(language, "my_models_renamed", name=chosen, new=new)
            return self._changes(language, new, said, new if menu == chosen else menu)
        return {self.status: _status("")}  # gradio takes an empty mapping for one value

    def delete(self, request: gr.Request, chosen: str | None, menu: str | None) -> Changes:
        language = language_of(request)
        with ShownErrors(language):
            own_models.remove(self.models, self._own(chosen))
            said = say(language, "my_models_deleted", name=chosen)
            return self._changes(language, None, said, preselected(self.models) if menu == chosen else menu)
        return {self.status: _status("")}  # gradio takes an empty mapping for one value

    def bring_back(self, request: gr.Request, menu: str | None) -> Changes:
        language = language_of(request)
        with ShownErrors(language):
            name = own_models.bring_back(self.models)
            return self._changes(language, name, say(language, "my_models_back", name=name), menu)
        return {self.status: _status("")}  # gradio takes an empty mapping for one value

    def take_in(self, request: gr.Request, file: str | None) -> Changes:
        """Add a model from a file, under a name that no other has, and choose it to write."""
        language, name = language_of(request), ""
        with ShownErrors(language):
            path = Path(file or "")
            name = free_name(self.models, path.name)
            try:
                packing.unpack(path, self.models / name)
            except UserError as error:  # names the file as its owner does, not where gradio put it
                told = str(error.facts.get("path", "")).replace(str(path), path.name)
                raise UserError(error.code, **error.facts | {"path": told}) from None
            return self._changes(language, name, say(language, "my_models_added", name=name), name)
        return {self.add: None}

    def pack(self, request: gr.Request, chosen: str | None) -> Changes:
        """Pack the chosen model into a file, which a script then downloads."""
        language = language_of(request)
        with ShownErrors(language):
            entry = choices(self.models).get(chosen or "")
            if entry is None:
                raise UserError("no-model-selected")
            paths.remove_stale(Path(tempfile.gettempdir()), f"{PACKED}*")
            file = Path(tempfile.mkdtemp(prefix=PACKED)) / f"{registry.named_after(entry.name)}{registry.SUFFIX}"
            packing.pack(entry.path, file)
            size = number(language, file.stat().st_size / 1e6, 1)
            said = say(language, "my_models_packed", file=file.name, size=size)
            return {self.file: str(file), self.status: _status(said)}
        return {self.file: None}

    def _own(self, chosen: str | None) -> str:
        if not chosen:
            raise UserError("no-model-selected")
        return chosen

    def _changes(self, language: Language, chosen: str | None, said: str, menu: str | None = None) -> Changes:
        """Return what the panel shows after a change; menu: what the menu of models has chosen, unless it stays."""
        entries = choices(self.models)
        offered = [(described(one, language), name) for name, one in reversed(entries.items())]  # one's own first
        chosen, last = chosen if chosen in entries else None, own_models.removed_last(self.models)
        found: Changes = {
            self.list: gr.Radio(choices=sorted(offered, key=lambda one: entries[one[1]].shipped), value=chosen),
            self.name: chosen or "",
            self.status: _status(said),
            self.undo: gr.Button(visible=last is not None),
            self.add: None,
        }
        titles = listed(self.models, language)
        found[self.menu] = gr.update(choices=titles, value=menu) if menu else gr.update(choices=titles)
        return found


def _status(said: str) -> str:
    return f'<p role="status">{escape(said)}</p>'


def panel(models: Path, menu: gr.Dropdown) -> None:
    """Lay out and connect the panel; to be called below the menu of models."""
    with gr.Accordion(label("my_models"), open=False, elem_id="my-models") as folded:
        chosen = gr.Radio([], label=label("my_models_list"), elem_id="my-models-list")
        name = gr.Textbox(label=label("my_models_name"), max_lines=1, elem_id="my-models-name")
        with gr.Row(elem_id="my-models-buttons"):
            rename, download, delete = (
                gr.Button(label(f"my_models_{one}"), size="sm", min_width=0, elem_id=f"my-models-{one}")
                for one in ("rename", "download", "delete")
            )
        status = gr.HTML(_status(""), elem_id="my-models-status")
        undo = gr.Button(label("my_models_undo"), size="sm", visible=False, elem_id="my-models-undo")
        # Of any kind, as phones grey out what has a suffix that they do not know; others are refused in a line.
        add = gr.File(label=label("my_models_add"), height=150, elem_id="my-models-add")
        file = gr.DownloadButton("", visible="hidden", elem_id="my-models-file")
    parts = ModelsPanel(models, menu, chosen, name, status, undo, add, file)
    # In the queue, without which no message is shown.
    one: dict[str, object] = {"concurrency_id": "models", "concurrency_limit": 1, **QUIET}
    folded.expand(parts.look, chosen, parts.shown, queue=False, **QUIET)
    chosen.input(None, chosen, name, js="(chosen) => chosen", queue=False, **QUIET)  # here, as one may type at once
    gr.on([rename.click, name.submit], parts.rename, [chosen, name, menu], parts.shown, **one)
    delete.click(parts.delete, [chosen, menu], parts.shown, **one)
    undo.click(parts.bring_back, menu, parts.shown, **one)
    add.upload(parts.take_in, add, parts.shown, **one)
    packed = download.click(parts.pack, chosen, [file, status], **one)
    packed.then(None, file, js=script("packed"))
