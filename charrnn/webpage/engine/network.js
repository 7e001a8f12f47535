// The network: a token and a state in, the next state and its logits out. Products with int8 weights are exact integers.

const GREATEST = 127, SHORTEST = 2 ** 15 - 1, DEPTH = 8;
const CELLS = { elman: { gates: 1, parts: 1 }, gru: { gates: 4, parts: 1 }, lstm: { gates: 4, parts: 2 } };

// Return the arrays of a layout by their names, from all their bytes; see packed_weights.py.
function unpacked(layout, bytes) {
    const arrays = {};
    let at = 0;
    for (const { name, kind, shape } of layout) {
        const size = shape.reduce((product, side) => product * side, 1);
        const planes = { int8: 1, bf16: 2, f32: 4 }[kind];
        arrays[name] = kind === "int8" ? new Int8Array(bytes.buffer, at, size) : floats(bytes, at, size, planes);
        at += size * planes;
    }
    return arrays;
}

// Join the planes of float32 numbers; the bytes that bfloat16 lacks are zeros.
function floats(bytes, at, size, planes) {
    const whole = new Uint32Array(size);
    for (let plane = 0; plane < planes; plane++) {
        const shift = 24 - 8 * plane;
        for (let n = 0; n < size; n++) whole[n] |= bytes[at++] << shift;
    }
    return new Float32Array(whole.buffer);
}

function packedSize(layout) {
    const bytes = ({ kind, shape }) => ({ int8: 1, bf16: 2, f32: 4 })[kind] * shape.reduce((a, b) => a * b, 1);
    return layout.reduce((sum, array) => sum + bytes(array), 0);
}

class Network {
    // shape: cell, hidden (h, of one member), members, layers, embed; deflated: the bytes of the arrays
    constructor(shape, layout, deflated) {
        Object.assign(this, shape, CELLS[shape.cell]);
        this.arrays = unpacked(layout, inflate(deflated, packedSize(layout)));
        this.cells = this.layers * this.members;
        const padded = Math.ceil(this.hidden / DEPTH) * DEPTH;
        // From [−1, 1] to 16-bit integers whose sums of products fit in 32 bits
        this.shortness = f32(Math.min(SHORTEST, Math.floor((2 ** 31 - 1) / (GREATEST * padded)) - 1));
        this.matrices = fastestProducts(integerMatrices(layout, this.arrays));
        this.inputs = new Float32Array(this.gates * this.hidden);
        this.products = new Float32Array(this.gates * this.hidden);
        this.first = new Map();  // of member and token: W E[token] + b
        const { output } = this.arrays;
        if (this.members > 1) for (let n = 0; n < output.length; n++) output[n] = output[n] / f32(this.members);
        this.symbols = this.arrays["output.bias"].length;
        this.spelling = spellingShares(this.arrays.spelling);
    }

    // The empty memory: for each cell, its hidden vector, then the second memory of an LSTM.
    start() {
        return new Float32Array(this.cells * this.parts * this.hidden);
    }

    hiddenOf(state, cell) {
        const at = cell * this.parts * this.hidden;
        return state.subarray(at, at + this.hidden);
    }

    // Change a state to the one after reading a token.
    advance(state, token) {
        for (let cell = 0; cell < this.cells; cell++) {
            const inputs = cell < this.members ? this.firstInputs(cell, token) : this.upperInputs(state, cell);
            const hidden = this.hiddenOf(state, cell);
            this.multiply(`U.${cell}`, hidden, this.products);
            const at = (cell * this.parts + 1) * this.hidden;
            const second = this.parts > 1 ? state.subarray(at, at + this.hidden) : null;
            STEPS[this.cell](inputs, this.products, hidden, second);
        }
    }

    firstInputs(member, token) {
        const key = member * this.vocabulary + token;
        if (!this.first.has(key)) {
            const weights = this.arrays[`W.${member}`], biases = this.arrays[`b.${member}`], size = this.embed;
            const x = this.arrays.embedding.subarray(token * size, (token + 1) * size);
            const made = new Float32Array(biases.length);
            for (let row = 0; row < made.length; row++) {
                let sum = 0;
                for (let k = 0, at = row * size; k < size; k++) sum += weights[at + k] * x[k];
                made[row] = sum + biases[row];
            }
            this.first.set(key, made);
        }
        return this.first.get(key);
    }

    upperInputs(state, cell) {
        const biases = this.arrays[`b.${cell}`];
        this.multiply(`W.${cell}`, this.hiddenOf(state, cell - this.members), this.inputs);
        for (let row = 0; row < biases.length; row++) this.inputs[row] += biases[row];
        return this.inputs;
    }

    // Set the products to an int8 matrix times a vector within [−1, 1], which is rounded to 16 bits.
    multiply(name, numbers, products) {
        const scales = this.arrays[`scale.${name}`], { shortness, matrices } = this, { vector, sums } = matrices;
        for (let k = 0; k < numbers.length; k++) vector[k] = f32(numbers[k] * shortness + (numbers[k] > 0 ? 0.5 : -0.5));
        matrices.run(name);
        for (let row = 0; row < scales.length; row++) products[row] = f32(sums[row]) * f32(scales[row] / shortness);
    }

    // Set the logits (v,) of the next token: those of the characters, then of the bytes, which share the escape's.
    predict(state, logits) {
        const { output } = this.arrays, bias = this.arrays["output.bias"], size = this.hidden;
        const top = this.cells - this.members, escape = this.symbols - 1;
        for (let symbol = 0, at = 0; symbol <= escape; symbol++) {
            let sum = bias[symbol];
            for (let member = 0; member < this.members; member++) {
                const from = (top + member) * this.parts * size;
                for (let k = 0; k < size; k++, at++) sum += output[at] * state[from + k];
            }
            logits[symbol] = f32(sum);
        }
        const shared = logits[escape];
        for (let byte = 0; byte < 256; byte++) logits[escape + byte] = f32(shared + this.spelling[byte]);
    }
}

function integerMatrices(layout, arrays) {
    const whole = layout.filter(({ kind }) => kind === "int8");
    return Object.fromEntries(
        whole.map(({ name, shape: [rows, columns] }) => [name, { weights: arrays[name], rows, columns }])
    );
}

// The logarithms of the bytes' shares, which are the same everywhere.
function spellingShares(spelling) {
    const top = spelling.reduce((a, b) => Math.max(a, b));
    const logarithm = Math.log(spelling.reduce((sum, one) => sum + Math.exp(one - top), 0));
    return spelling.map((one) => one - top - logarithm);
}

// Each sets the hidden vector, and a second memory, from W x + b and U M, gate after gate; see charrnn/model/cells.py.
const STEPS = {
    elman(inputs, products, hidden) {
        for (let j = 0; j < hidden.length; j++) hidden[j] = tanh32(f32(inputs[j] + products[j]));
    },
    gru(inputs, products, hidden) {
        const h = hidden.length;
        for (let j = 0; j < h; j++) {
            const seen = sigmoid32(f32(inputs[j] + products[j]));
            const keep = sigmoid32(f32(inputs[h + j] + products[h + j]));
            const memory = f32(inputs[2 * h + j] + products[2 * h + j]);
            const fresh = tanh32(f32(inputs[3 * h + j] + seen * memory));
            hidden[j] = fresh + keep * f32(hidden[j] - fresh);
        }
    },
    lstm(inputs, products, hidden, second) {
        const h = hidden.length;
        for (let j = 0; j < h; j++) {
            const write = sigmoid32(f32(inputs[j] + products[j]));
            const keep = sigmoid32(f32(inputs[h + j] + products[h + j]));
            const fresh = tanh32(f32(inputs[2 * h + j] + products[2 * h + j]));
            const read = sigmoid32(f32(inputs[3 * h + j] + products[3 * h + j]));
            second[j] = f32(keep * second[j]) + f32(write * fresh);
            hidden[j] = read * tanh32(second[j]);
        }
    },
};
