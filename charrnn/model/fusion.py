"""Fusion: joins a network to an n-gram model, so that it learns only what the n-gram model does not know."""

import torch
from torch import Tensor, nn

from charrnn.ngram.prediction import STATISTICS, PredictionLayout

PLACES = 44  # on the page
LEAST = -8.0  # logarithm of a probability; smaller ones are read as this
NARROW = 16  # units of the gates' hidden layer


class Fusion(nn.Module):
    """Joins ℓ, the logarithms of the probabilities that the counts give to each next character, to the network.

        x_t = E[token] + A f(ℓ_t) + P[p_t],  f(ℓ) = max(ℓ, −8) / 4 + 2      the network reads ℓ
        z_t = a(s_t, p_t) (W H_t + b) + g(s_t, p_t, H_t) ℓ_t                and corrects it: S_t = softmax(z_t)

    s_t holds four statistics of the counts: their entropy, their two greatest logarithms, and whether they know the
    document's own past; p_t is the place on the page. a and g are small networks, which start at 1/2: the geometric
    mean of both predictions. (Mixing in the logarithm: Mattern, "Mixing strategies in data compression", 2012.)

    ℓ, s and p are columns of a prediction, see `PredictionLayout`; the last of its v symbols is the escape.
    """

    def __init__(self, symbols: int, embed: int, hidden: int) -> None:
        super().__init__()
        self.layout = PredictionLayout(symbols)
        self.input = nn.Linear(symbols, embed, bias=False)
        self.place = nn.Embedding(PLACES, embed)
        self.place_gates = nn.Embedding(PLACES, 2)
        self.surety = nn.Linear(STATISTICS, NARROW)
        self.gates = nn.Linear(NARROW, 2)
        self.attention = nn.Linear(hidden, 1, bias=False)
        nn.init.normal_(self.place.weight, std=0.4)  # from zeros, they are learned too slowly
        nn.init.zeros_(self.place_gates.weight)
        nn.init.zeros_(self.attention.weight)
        nn.init.zeros_(self.gates.weight)
        nn.init.constant_(self.gates.bias, 0.5)

    def read(self, prediction: Tensor) -> Tensor:
        """What is added to the characters' embeddings: (…, embed)."""
        likely = self.input(prediction[..., self.layout.log_probabilities].clamp(min=LEAST) / 4 + 2)
        added: Tensor = likely + self.place(prediction[..., self.layout.place].long())
        return added

    def correct(self, logits: Tensor, attended: Tensor, prediction: Tensor) -> Tensor:
        """The logits z (…, v) of both: the network's own, W H + b, and the part of g (…, 1) that H_t has."""
        counted, statistics = prediction[..., self.layout.log_probabilities], prediction[..., self.layout.statistics]
        places = self.place_gates(prediction[..., self.layout.place].long())
        gates = self.gates(torch.tanh(self.surety(statistics))).float() + places
        trust = gates[..., 1:] + attended.float()
        joined: Tensor = gates[..., :1] * logits.float() + trust * counted
        return joined

    @torch.no_grad()
    def rescale(self, own: float, counted: float) -> None:
        """From now on `correct` gives own z + counted ℓ: both factors are within what the gates can learn."""
        for weight in (self.gates.weight, self.gates.bias, self.place_gates.weight, self.attention.weight):
            weight.mul_(own)
        self.gates.bias[1] += counted
