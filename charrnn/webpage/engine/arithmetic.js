"use strict";
// The arithmetic of charrnn's compiled engine: float32, rounded where the engine rounds, and the hash of its draws.
// All files of this folder are one script, which runs in a worker; see worker.js.

const f32 = Math.fround;
const LOG2E = f32(Math.LOG2E);
const SERIES = [1, 2, 3, 4, 5, 6].map((k) => f32(Math.LN2 ** k / [1, 1, 2, 6, 24, 120, 720][k]));  // of 2^f
const POWERS_OF_TWO = Float32Array.from({ length: 256 }, (_, biased) => 2 ** (biased - 127));

// e^x by a series, as charrnn/sampling/compiled/cell_steps.py has it; each line rounds once, as a fused product and sum.
function exp32(x) {
    const power = f32((x > 87 ? 87 : x < -87 ? -87 : x) * LOG2E);
    const biased = f32(power + 127.5) | 0;
    const f = f32(power - (biased - 127));
    let series = f32(f * SERIES[5] + SERIES[4]);
    series = f32(f * series + SERIES[3]);
    series = f32(f * series + SERIES[2]);
    series = f32(f * series + SERIES[1]);
    series = f32(f * series + SERIES[0]);
    return f32(f32(f * series + 1) * POWERS_OF_TWO[biased]);
}

function sigmoid32(x) {
    return f32(1 / f32(1 + exp32(-x)));
}

function tanh32(x) {
    return f32(1 - f32(2 / f32(1 + exp32(f32(2 * x)))));
}

const GOLDEN = 0x9e3779b97f4a7c15n, STIR = 0xbf58476d1ce4e5b9n, SHAKE = 0x94d049bb133111ebn;

// The 64-bit hash of a hash and one more value.
function mix(state, value) {
    const whole = (number) => BigInt.asUintN(64, number);
    let mixed = whole(state * GOLDEN) ^ whole(value + GOLDEN);
    mixed = whole((mixed ^ (mixed >> 32n)) * STIR);
    mixed = whole((mixed ^ (mixed >> 32n)) * SHAKE);
    return mixed ^ (mixed >> 32n);
}

// The number in [0, 1) that decides on the token at a position of the text with this seed (a BigInt).
function uniform(seed, position) {
    return Number(mix(mix(GOLDEN, seed), BigInt(position)) >> 11n) * 2 ** -53;
}
