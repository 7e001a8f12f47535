"""The loop: predict S_t from H_t, draw a token from S_t, compute H_{t+1} from the token; for b texts at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charrnn.compiled.kernels import Number, announced, kernel, part
from charrnn.compiled.squashing import tanh
from charrnn.ngram import mixing
from charrnn.ngram.compiled import mixing_loops
from charrnn.ngram.compiled.context_loops import read_contexts
from charrnn.ngram.compiled.list_loops import find_lists
from charrnn.ngram.document_counts import DocumentTable
from charrnn.ngram.experts import Found, MixerWorkspace, Structure
from charrnn.ngram.layout import Script
from charrnn.ngram.lists import Lists
from charrnn.ngram.prediction import PLACE, SEES_DOCUMENT
from charrnn.sampling.compiled.cell_steps import advance_cell
from charrnn.sampling.compiled.choice import (
    ChoiceWorkspace,
    Rules,
    copy,
    draw,
    filter_chances,
    forbid_illegal,
    guard,
    weigh,
)
from charrnn.sampling.compiled.products import Matrices, ProductWorkspace, multiply

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

_REACH, _SCALE, _BASE, _LEAST = 3, np.float32(1 / 4), np.float32(2), np.float32(-8)


class Network(NamedTuple):
    """The weights of a CharRNN, arranged for reading one character at a time.

    It has c = l n cells of h units: layer by layer, n members in each. G: see `CompiledCell`. s: symbols, e: embed.
    """

    cell: int  # its code
    hidden: int  # h, of one member
    members: int  # n
    first: Floats  # (n, v, G h): W E[token] + b of the first layer
    expected: Matrices  # A of the one (s, e padded), for the n-gram prediction
    places: Floats  # (PAGE_PLACES, e padded): P, for the place on the page
    beside: Matrices  # W of the n cells of the first layer, for what A and P give
    inputs: Matrices  # W of the c − n cells of other layers
    biases: Floats  # (c − n, outputs)
    memory: Matrices  # U of the c cells
    output: Matrices  # of the n members
    output_bias: Floats  # (s,)
    spelling: Floats  # (256,): log-probabilities of the bytes, given the escape
    surety: Floats  # (n, 5): of `Fusion`, the bias last; likewise the next two
    gates: Floats  # (2, n + 1)
    place_gates: Floats  # (PAGE_PLACES, 2)
    attention: Floats  # (n, h)
    known: Ids  # sorted code points of the vocabulary
    leads: NDArray[np.bool_]  # (256,): bytes that may begin a character


class Counting(NamedTuple):
    """The n-gram model, and its work space for b texts."""

    script: Script
    words: tuple[NDArray[np.uint64], NDArray[np.uint16], int]  # of WordClasses: hashes, classes, count
    lists: Lists
    structure: Structure
    learned: mixing.Learned
    symbols: NDArray[np.uint16]  # (b, 1)
    keys: NDArray[np.uint64]  # (b, 1, k): the same memory as that of the rows
    letters: NDArray[np.uint8]  # (b, 1): likewise
    classes: NDArray[np.uint16]  # (b, 1, 3)
    places: NDArray[np.uint8]  # (b, 1): the same memory as that of the rows
    nothing: Ids  # (b,): −1: no block is left out
    rows: mixing.Rows
    found: Found
    past: DocumentTable
    scratch: MixerWorkspace
    prediction: mixing.Prediction


class StepMemory(NamedTuple):
    """The `RecurrentState` of b texts, which the loop updates."""

    carried: Floats  # (c, parts, b, h), h padded
    recent: Ids  # (b, 3)
    reading: NDArray[np.uint64]  # (b, r)
    expected: Floats  # (b, s + EXTRA), see `ngram.prediction`


class StepWorkspace(NamedTuple):
    """Work space of one step."""

    inputs: Floats  # (b, outputs)
    products: Floats  # (b, outputs)
    likely: Floats  # (b, s padded): the n-gram prediction as A reads it
    beside: Floats  # (b, e padded): what A and P give
    outputs: Floats  # (b, s padded)
    others: Floats  # (b, s padded): of one more member
    sums: ProductWorkspace
    tokens: NDArray[np.int32]  # (b,): the tokens of this step
    choice: ChoiceWorkspace


class DrawTask(NamedTuple):
    """What to read or draw in n steps."""

    drawing: bool  # whether tokens are drawn or given
    tokens: NDArray[np.int32]  # (b, n): given, or set when drawn
    seeds: NDArray[np.uint64]  # (b,)
    positions: Ids  # (b,): of the first drawn token
    given: NDArray[np.float64]  # (b, v): the logits of the first draw; (0, v) to compute them
    history: NDArray[np.int32]  # (b, m): the last tokens, for filters against repetition; updated
    lengths: Ids  # (b,): tokens in the history; updated


class StepTrace(NamedTuple):
    """The results of each of n steps; empty arrays are not set."""

    logits: NDArray[np.float64]  # (n, b, v): before the token
    carried: Floats  # (n, c, parts, b, h): after the token, as the next two
    reading: NDArray[np.uint64]  # (n, b, r)
    expected: Floats  # (n, b, s + EXTRA)


@part
def expect(net: Network, counts: Counting, memory: StepMemory, tokens: NDArray[np.int32]) -> None:
    """Set the n-gram prediction after the tokens (b,)."""
    escape = len(net.output_bias) - 1
    for row in range(len(tokens)):
        counts.symbols[row, 0] = min(tokens[row], escape)
    read_contexts(
        counts.symbols, memory.reading, counts.script, counts.words,
        counts.keys, counts.letters, counts.classes, counts.places,
    )  # fmt: skip
    rows = counts.rows
    for row in range(len(tokens)):
        rows.symbols[row] = counts.symbols[row, 0]
        rows.classes[row] = counts.classes[row, 0, 0]
    find_lists(rows.keys, counts.nothing, counts.lists, counts.found.places, counts.found.own)
    mixing_loops.run(
        rows, counts.found, counts.past, counts.structure, counts.learned, np.float32(0), counts.scratch,
        counts.prediction,
    )  # fmt: skip
    for row in range(len(tokens)):
        for symbol in range(escape + 1):
            memory.expected[row, symbol] = counts.prediction.log_probabilities[row, symbol]
        for number in range(SEES_DOCUMENT):
            memory.expected[row, escape + 1 + number] = counts.prediction.statistics[row, number]
        memory.expected[row, escape + 1 + SEES_DOCUMENT] = np.float32(0 if rows.lanes[row] < 0 else 1)
        memory.expected[row, escape + 1 + PLACE] = np.float32(rows.places[row])


@part
def read_beside(net: Network, memory: StepMemory, scratch: StepWorkspace) -> None:
    """Set `scratch.beside` to what the first layer reads beside the token: the n-gram prediction, the place."""
    symbols = len(net.output_bias)
    for row in range(len(scratch.likely)):
        for symbol in range(symbols):
            scratch.likely[row, symbol] = max(memory.expected[row, symbol], _LEAST) * _SCALE + _BASE
    multiply(net.expected, 0, scratch.likely, scratch.beside, scratch.sums)
    for row in range(len(scratch.beside)):
        place = np.int64(memory.expected[row, symbols + PLACE])
        for n in range(len(scratch.beside[row])):
            scratch.beside[row, n] += net.places[place, n]


@part
def read_first(net: Network, member: Number, tokens: NDArray[np.int32], scratch: StepWorkspace) -> None:
    """Set the inputs of a member's first cell, for the tokens and what stands in `scratch.beside`."""
    is_joined = len(net.attention) > 0
    if is_joined:
        multiply(net.beside, member, scratch.beside, scratch.inputs, scratch.sums)
    for row in range(len(tokens)):
        inputs, weights = scratch.inputs[row], net.first[member, tokens[row]]
        if is_joined:
            for n in range(len(weights)):
                inputs[n] += weights[n]
        else:
            for n in range(len(weights)):
                inputs[n] = weights[n]


@part
def advance(net: Network, memory: StepMemory, tokens: NDArray[np.int32], scratch: StepWorkspace) -> None:
    """Set H_{t+1} of all cells."""
    if len(net.attention) > 0:
        read_beside(net, memory, scratch)
    for number in range(len(memory.carried)):
        carried, above = memory.carried[number], number - net.members
        if above < 0:
            read_first(net, number, tokens, scratch)
        else:
            below, biases = memory.carried[above][0], net.biases[above]
            multiply(net.inputs, above, below, scratch.inputs, scratch.sums)
            for row in range(len(tokens)):
                for n in range(len(biases)):
                    scratch.inputs[row, n] += biases[n]
        multiply(net.memory, number, carried[0], scratch.products, scratch.sums)
        for row in range(len(tokens)):
            advance_cell(net.cell, scratch.inputs[row], scratch.products[row], net.hidden, carried, row)


@part
def correct(net: Network, memory: StepMemory, row: int, outputs: Floats) -> None:
    """Fuse the network's logits with the n-gram prediction; see `Fusion`."""
    expected = memory.expected[row]
    symbols = len(net.output_bias)
    place = np.int64(expected[symbols + PLACE])
    alone, trust = net.gates[0, -1] + net.place_gates[place, 0], net.gates[1, -1] + net.place_gates[place, 1]
    for unit in range(len(net.surety)):
        sum_ = net.surety[unit, -1]
        for number in range(net.surety.shape[1] - 1):
            sum_ += net.surety[unit, number] * expected[symbols + number]
        value = tanh(sum_)
        alone += net.gates[0, unit] * value
        trust += net.gates[1, unit] * value
    for member in range(net.members):
        hidden, attention = memory.carried[len(memory.carried) - net.members + member][0][row], net.attention[member]
        for j in range(len(attention)):
            trust += attention[j] * hidden[j]
    for symbol in range(symbols):
        outputs[symbol] = alone * outputs[symbol] + trust * expected[symbol]


@part
def predict(net: Network, memory: StepMemory, scratch: StepWorkspace) -> None:
    """Set `scratch.outputs` to S_t of all rows: a logit for each symbol."""
    for member in range(net.members):
        top = memory.carried[len(memory.carried) - net.members + member][0]
        said = scratch.outputs if member == 0 else scratch.others
        multiply(net.output, member, top, said, scratch.sums)
        for row in range(len(top)):
            added = net.output_bias if member == 0 else said[row]
            for symbol in range(len(net.output_bias)):
                scratch.outputs[row, symbol] += added[symbol]
    if len(net.attention) > 0:
        for row in range(len(scratch.outputs)):
            correct(net, memory, row, scratch.outputs[row])


@part
def spell(net: Network, outputs: Floats, logits: NDArray[np.float64]) -> None:
    """Set the logit of each token; the bytes divide that of the escape."""
    escape = len(net.output_bias) - 1
    for symbol in range(escape):
        logits[symbol] = np.float64(outputs[symbol])
    for byte in range(256):
        logits[escape + byte] = np.float64(outputs[escape] + net.spelling[byte])


@part
def choose(
    net: Network, memory: StepMemory, rules: Rules, task: DrawTask, row: int, step: int, choice: ChoiceWorkspace
) -> Number:
    """Draw the token of a row from its logits."""
    for token in range(len(choice.logits)):
        choice.logits[token] += rules.bias[token]
    forbid_illegal(choice, memory.recent[row], len(net.output_bias) - 1, net.known, net.leads)
    guard(choice, rules, task.history[row], task.lengths[row])
    weigh(choice, rules.temperature)
    filter_chances(choice, rules)
    return draw(choice, task.seeds[row], task.positions[row] + step)


@part
def note(task: DrawTask, memory: StepMemory, row: int, token: int) -> None:
    """Append a token to `recent`, for the legal spellings, and to the history, for filters against repetition."""
    recent, history = memory.recent[row], task.history[row]
    for place in range(_REACH - 1):
        recent[place] = recent[place + 1]
    recent[_REACH - 1] = token
    if len(history) > 0:
        for place in range(len(history) - 1):
            history[place] = history[place + 1]
        history[len(history) - 1] = token
        task.lengths[row] = min(task.lengths[row] + 1, len(history))


@part
def copy_rows(rows: NDArray[np.generic], to: NDArray[np.generic]) -> None:
    for row in range(rows.shape[0]):
        for n in range(rows.shape[1]):
            to[row, n] = rows[row, n]


@part
def keep(trace: StepTrace, memory: StepMemory, step: int) -> None:
    """Copy the state to the trace."""
    if step >= len(trace.carried):
        return
    for number in range(memory.carried.shape[0]):
        for place in range(memory.carried.shape[1]):
            copy_rows(memory.carried[number][place], trace.carried[step][number][place])
    copy_rows(memory.reading, trace.reading[step])
    copy_rows(memory.expected, trace.expected[step])


@announced("engine")
@kernel
def run(net: Network, counts: Counting, memory: StepMemory, rules: Rules, task: DrawTask, trace: StepTrace,
        scratch: StepWorkspace) -> None:  # fmt: skip
    """Read or draw `task.tokens`, step by step; update `memory` and set `trace`."""
    rows, steps = task.tokens.shape
    tokens = scratch.tokens
    for step in range(steps):
        given = step == 0 and len(task.given) > 0
        if task.drawing or step < len(trace.logits):
            if not given:
                predict(net, memory, scratch)
            for row in range(rows):
                if given:
                    copy(task.given[row], scratch.choice.logits)
                else:
                    spell(net, scratch.outputs[row], scratch.choice.logits)
                if step < len(trace.logits):
                    copy(scratch.choice.logits, trace.logits[step, row])
                if task.drawing:
                    task.tokens[row, step] = choose(net, memory, rules, task, row, step, scratch.choice)
        for row in range(rows):
            tokens[row] = task.tokens[row, step]
            note(task, memory, row, tokens[row])
        if len(net.attention) > 0:
            expect(net, counts, memory, tokens)
        advance(net, memory, tokens, scratch)
        keep(trace, memory, step)


@kernel
def peek(net: Network, memory: StepMemory, scratch: StepWorkspace, logits: NDArray[np.float64]) -> None:
    """Set the logits (b, v) from which `run` would draw next, before any filter."""
    predict(net, memory, scratch)
    for row in range(len(logits)):
        spell(net, scratch.outputs[row], logits[row])
