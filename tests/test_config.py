"""Configs are checked once, say what was expected and found, and survive JSON."""

import dataclasses
import json

import pytest

from charrnn.config import ConstraintConfig, ModelConfig, SampleConfig, TrainConfig
from charrnn.errors import UserError

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "config", [ModelConfig(), TrainConfig(), SampleConfig(stop=("a", "b"), seed=3), ConstraintConfig()]
)
def test_json_round_trip(config: ModelConfig | TrainConfig | SampleConfig | ConstraintConfig) -> None:
    assert type(config).from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize("config", [ModelConfig, TrainConfig, SampleConfig, ConstraintConfig])
def test_every_field_has_help_and_a_valid_default(config: type) -> None:
    assert all(field.metadata["help"] for field in dataclasses.fields(config))
    config()


def test_unknown_key_is_refused() -> None:
    with pytest.raises(UserError, match="found also"):
        SampleConfig.from_json({"temprature": 1.0})


@pytest.mark.parametrize(
    ("config", "name", "value"),
    [
        (SampleConfig, "temperature", NAN),
        (SampleConfig, "temperature", -0.1),
        (SampleConfig, "temperature", True),
        (SampleConfig, "temperature", "hot"),
        (SampleConfig, "temperature", None),
        (SampleConfig, "top_p", 0.0),
        (SampleConfig, "top_p", 1.1),
        (SampleConfig, "top_k", -1),
        (SampleConfig, "top_k", 2.5),
        (SampleConfig, "min_p", -0.1),
        (SampleConfig, "length", -1),
        (SampleConfig, "seed", -1),
        (SampleConfig, "stop", ("",)),
        (SampleConfig, "stop", "text"),
        (TrainConfig, "minutes", 0.0),
        (TrainConfig, "minutes", INF),
        (TrainConfig, "steps", 0),
        (TrainConfig, "batch", 0),
        (TrainConfig, "lr", 0.0),
        (TrainConfig, "precision", "fp8"),
        (ModelConfig, "cell", "transformer"),
        (ModelConfig, "layers", 0),
        (ModelConfig, "dropout", 1.0),
    ],
)
def test_bad_value_is_refused_by_name_with_expected_and_found(config: type, name: str, value: object) -> None:
    with pytest.raises(UserError, match=rf"{name.replace('_', '-')}: expected .*, found "):
        config(**{name: value})


def test_a_budget_is_needed() -> None:
    with pytest.raises(UserError, match="expected minutes or steps"):
        TrainConfig(minutes=None)


def test_whole_numbers_pass_as_numbers() -> None:
    assert SampleConfig(temperature=1).temperature == 1.0
