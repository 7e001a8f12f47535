"""The optimizer of a network: SOAP for the matrices of its recurrent layers, AdamW for all other weights."""

import torch
from torch import Tensor, nn

from charrnn.model import CharRNN
from charrnn.training import soap

Form = dict[str, Tensor]
LEAST = {"step": 1, "exp_avg_sq": 0, "square": 0}  # of a state's numbers: smaller ones make weights that are not finite


def empty(weight: Tensor) -> Form:
    """Return the state that AdamW has for a weight before its first step."""
    return {"step": torch.zeros(()), "exp_avg": torch.zeros_like(weight), "exp_avg_sq": torch.zeros_like(weight)}


STATES = {"soap": soap.empty, "adamw": empty}


class Optimizer:
    """Updates all weights of a model by their gradients."""

    def __init__(self, model: CharRNN, weight_decay: float) -> None:
        """weight_decay: decoupled from the gradients; in each step it is multiplied by the learning rate."""
        matrices: list[nn.Parameter] = []
        others: list[nn.Parameter] = []
        for name, weight in model.named_parameters():
            (matrices if name.startswith("layers.") and weight.ndim == 2 else others).append(weight)
        self.parts: dict[str, torch.optim.Optimizer] = {
            "soap": soap.Soap(matrices, weight_decay),
            "adamw": torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True),
        }

    def step(self, lr: float) -> None:
        """Update the weights. lr: the learning rate."""
        for part in self.parts.values():
            for group in part.param_groups:
                group["lr"] = lr
            part.step()

    def zero_grad(self) -> None:
        for part in self.parts.values():
            part.zero_grad()

    def tensors(self) -> Form:
        """Return the state, as tensors by names."""
        return {
            f"{name}.{index}.{key}": value
            for name, part in self.parts.items()
            for index, values in part.state_dict()["state"].items()
            for key, value in values.items()
        }

    def restore(self, tensors: Form) -> None:
        """Set the state that `tensors` returned. Other tensors are passed over."""
        for name, part in self.parts.items():
            found = part.state_dict()
            for path, value in tensors.items():
                if path.startswith(f"{name}."):
                    _, index, key = path.split(".")
                    found["state"].setdefault(int(index), {})[key] = value
            part.load_state_dict(found)

    def forms(self) -> list[Form]:
        """Return tensors of the shapes and types that the state of each weight has, if it got a gradient yet."""
        return [
            {f"{name}.{index}.{key}": value for key, value in STATES[name](weight).items()}
            for name, part in self.parts.items()
            for index, weight in enumerate(part.param_groups[0]["params"])
        ]


def is_sound(tensors: Form) -> bool:
    """Return whether an optimizer can have this state: others would make weights that are not finite."""
    states = [
        (name.rpartition(".")[2], value) for name, value in tensors.items() if name.startswith(("soap.", "adamw."))
    ]
    return all(bool((value >= LEAST[key]).all()) for key, value in states if key in LEAST)
