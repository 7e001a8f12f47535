// From logits to a token: what is illegal, the temperature, the nucleus, and the draw, in this order. All in float64.

// Set the probabilities, not yet divided by their sum, of the legal tokens. At temperature 0 only the likeliest has one.
function weigh(logits, legal, temperature, chances) {
    let best = -1;
    for (let token = 0; token < logits.length; token++) {
        if (legal[token] && (best < 0 || logits[token] > logits[best])) best = token;
    }
    for (let token = 0; token < logits.length; token++) {
        const kept = legal[token] && temperature > 0;
        chances[token] = kept ? Math.exp((logits[token] - logits[best]) / temperature) : 0;
    }
    chances[best] = 1;
}

function total(chances) {
    let sum = 0;
    for (let token = 0; token < chances.length; token++) sum += chances[token];
    return sum;
}

// Keep the likeliest tokens that together reach the share p; of equals, those of lower id. At least one is kept.
function nucleus(chances, p) {
    if (p >= 1) return;
    const enough = p * total(chances), kept = new Float64Array(chances.length);
    let sum = 0;
    do {
        let best = 0;
        for (let token = 1; token < chances.length; token++) if (chances[token] > chances[best]) best = token;
        if (chances[best] === 0) break;
        kept[best] = chances[best];
        sum += chances[best];
        chances[best] = 0;
    } while (sum < enough);
    chances.set(kept);
}

// The first token at which the sum of the probabilities passes `number`, in [0, 1), times their whole sum.
function drawn(chances, number) {
    const threshold = number * total(chances);
    let sum = 0, last = 0;
    for (let token = 0; token < chances.length; token++) {
        if (chances[token] === 0) continue;
        sum += chances[token];
        last = token;
        if (sum > threshold) break;
    }
    return last;
}
