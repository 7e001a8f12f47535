"""What a request for a completion may say: OpenAI's fields and the sampler's, each checked before a model is read."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

from charrnn.config import SampleConfig
from charrnn.config.fields import Config, checked, kinds_of, limits_of, setting
from charrnn.errors import UserError, near
from charrnn.serving.caps import CAPS, Cap

LENGTH = "max_tokens"  # what OpenAI calls SampleConfig's `length`
NAMES = {name: name.replace("-", "_") for name in ("top-k", "top-p", "min-p", "repetition-penalty", "no-repeat")} | {
    "length": LENGTH
}
"""What a request calls a setting, by the name that errors give it."""

WITHOUT_EFFECT: dict[str, tuple[object, ...]] = {  # OpenAI's fields that are not offered: what they may be
    "best_of": (1,), "frequency_penalty": (0,), "presence_penalty": (0,), "logit_bias": ({},), "suffix": ("",),
}  # fmt: skip
USAGE = "include_usage"


@dataclass(frozen=True)
class AnswerConfig(Config):
    """The fields of a completion beside its prompt and the settings of the sampler."""

    model: str | None = setting(None, "name of a model that /v1/models lists; default: the first of them")
    n: int = setting(1, "texts for each prompt, each with the next seed", low=1)
    stream: bool = setting(default=False, help="send the text while it is written, as server-sent events")
    echo: bool = setting(default=False, help="give the prompt, as the model has read it, before the text")
    logprobs: int | None = setting(
        None, "give the log-probability of each character, and of so many that were likeliest there", low=0, high=20
    )
    user: str = setting("", "has no effect")


@dataclass(frozen=True)
class CompletionRequest:
    """A request for texts, all of whose fields are within their limits."""

    prompts: tuple[str, ...]  # as a model reads them
    answer: AnswerConfig
    config: SampleConfig  # with its seed
    counts_usage: bool  # whether a stream ends with the numbers of characters

    @classmethod
    def from_json(cls, body: bytes, *, own: bool) -> Self:
        """Read a request. own: whether it comes from this machine. Raises UserError for what cannot be answered."""
        from charrnn.sampling.filters import with_seed  # loads numpy, for which a server's start does not wait

        given = _object(body)
        known = [*properties(own=own), *WITHOUT_EFFECT]
        if unknown := next((name[:100] for name in given if name not in known), None):
            raise UserError("unknown-field", setting=unknown, near=near(unknown, known), known=", ".join(known))
        values = {name: value for name, value in given.items() if value is not None}
        for name, allowed in WITHOUT_EFFECT.items():
            if name in values and values.pop(name) not in allowed:
                raise UserError("field-without-effect", setting=name, allowed=json.dumps(allowed[0]))
        prompts = _prompts(values.get("prompt", ""))
        fields = _fields()
        for name, value in values.items():
            if name in fields and kinds_of(fields[name])[0] in (int, float):
                checked(fields[name], value, _cap(name).most(own=own))
            else:
                _check(name, value, own=own)
        if isinstance(stop := values.get("stop"), str):
            values["stop"] = [stop]
        answer = AnswerConfig.picked(values)
        config = SampleConfig.picked({"length" if name == LENGTH else name: value for name, value in values.items()})
        texts = len(prompts) * answer.n
        told = texts * config.length + answer.n * sum(map(len, prompts)) * answer.echo  # characters
        listed = 0 if answer.logprobs is None else told * (answer.logprobs + 1)
        asked = {
            "n × prompt": texts,
            "n × prompt × max_tokens": texts * config.length,
            "characters × (logprobs + 1)": listed,
        }
        for name, number in asked.items():
            _check(name, number, own=own)
        return cls(prompts, answer, with_seed(config), _counts_usage(values.get("stream_options", {})))

    def seed(self, index: int) -> int:
        """Return the seed that repeats a text."""
        assert self.config.seed is not None
        return self.config.seed + index % self.answer.n


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body.decode("utf-8"))
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        code_point = f"{ord(error.object[error.start]):04X}"
        raise UserError("lone-surrogate", code_point=code_point, place=error.start) from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UserError("not-a-json-object")
    return found


def _check(name: str, value: object, *, own: bool) -> None:
    """Raise UserError if a field is beyond its cap."""
    try:
        _cap(name).check(name, value, own=own)
    except UserError as error:
        if error.code != "request-not-understood":
            raise
        raise UserError("field-of-other-type", setting=name) from None


def _cap(name: str) -> Cap:
    return CAPS[f"v1.{name}"]


def _fields() -> dict[str, "dataclasses.Field[object]"]:
    """Return the fields of a completion that configs have, by the names that requests give them."""
    found = [field for config in (AnswerConfig, SampleConfig) for field in dataclasses.fields(config)]
    return {LENGTH if field.name == "length" else field.name: field for field in found}


def _prompts(given: object) -> tuple[str, ...]:
    """Return the prompts as a model reads them. Raises UserError for tokens, which differ between models."""
    prompts = [given] if isinstance(given, str) else given
    if not isinstance(prompts, list) or not prompts or not all(isinstance(one, str) for one in prompts):
        raise UserError("prompt-not-text", setting="prompt")
    from charrnn.corpus import clean

    return tuple(map(clean, prompts))


def code_points(body: bytes, *, own: bool) -> list[int]:
    """Return a prompt, as a model reads it, in the numbers of its characters, for programs that count tokens."""
    prompt = _object(body).get("prompt", "")
    _check("prompt", prompt, own=own)
    if not isinstance(prompt, str):
        raise UserError("field-of-other-type", setting="prompt")
    return list(map(ord, _prompts(prompt)[0]))


def text_of_code_points(body: bytes, *, own: bool) -> str:
    """Return the text of such numbers. Raises UserError for others."""
    tokens = _object(body).get("tokens", [])
    _check("tokens", tokens, own=own)
    try:
        text = "".join(map(chr, cast("list[int]", tokens)))
        text.encode("utf-8")
    except (ValueError, TypeError):
        raise UserError("not-code-points", setting="tokens") from None
    return text


def _counts_usage(options: object) -> bool:
    wanted = options.get(USAGE, False) if isinstance(options, dict) else None
    if not isinstance(wanted, bool) or set(cast("Mapping[str, object]", options)) - {USAGE}:
        raise UserError("stream-options", setting="stream_options")
    return wanted


def properties(*, own: bool) -> dict[str, dict[str, object]]:
    """Return the JSON schema of each field of a completion, by its name, with the limits that hold."""
    found: dict[str, dict[str, object]] = {
        "prompt": {
            "anyOf": _text_or_texts("prompt", own=own),
            "description": "how the text begins, or several beginnings",
            "default": "",
        },
        "stream_options": {"type": "object", "properties": {USAGE: {"type": "boolean"}}},
    }
    found |= {name: _schema(name, field, own=own) for name, field in _fields().items()}
    found["stop"] = {**found["stop"], "anyOf": _text_or_texts("stop", own=own)}
    for one in ("type", "items"):
        found["stop"].pop(one)
    return found


def _text_or_texts(name: str, *, own: bool) -> list[dict[str, object]]:
    text = {"type": "string", "maxLength": _cap(name).longest(own=own)}
    lines = _cap(name).lines
    return [text, {"type": "array", "items": text, **({} if lines is None else {"maxItems": lines})}]


def _schema(name: str, field: "dataclasses.Field[object]", *, own: bool) -> dict[str, object]:
    kind, cap = kinds_of(field)[0], _cap(name)
    limits = limits_of(field, cap.most(own=own))
    types = {int: "integer", float: "number", bool: "boolean", str: "string", tuple: "array"}
    keys = {"low": "minimum", "above": "exclusiveMinimum", "high": "maximum", "choices": "enum"}
    found: dict[str, object] = {"type": types[kind], "description": field.metadata["help"].partition("; default: ")[0]}
    if kind is str:
        found["maxLength"] = cap.longest(own=own)
    if kind is tuple:
        found["items"] = {"type": "string", "maxLength": cap.longest(own=own)}
    found |= {name: _plain(limits.get(key)) for key, name in keys.items() if key in limits}
    return found if field.default is None else {**found, "default": _plain(field.default)}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
