// A text, character by character, and what the model remembers at each: read, drawn, cut anywhere, looked into.

const SPACING = 32;  // tokens from one kept state to the next; those between are computed again

class Text {
    constructor(network) {
        this.network = network;
        this.tokens = [];  // first those of the newline that precedes every text
        this.start = 0;  // how many these are
        this.characters = [];
        this.bits = [];  // what each character cost: −log2 of its probability
        this.ends = [];  // of each character: how many tokens there are up to its last
        this.drawn = 0;  // characters at the end that were drawn since something was read
        this.kept = [network.start()];  // the states before the tokens 0, SPACING, 2 SPACING, …
        this.state = network.start();  // after all tokens
    }

    copy() {
        const parts = { tokens: [...this.tokens], characters: [...this.characters], bits: [...this.bits] };
        const state = { ends: [...this.ends], kept: [...this.kept], state: this.state.slice() };
        return Object.assign(Object.create(Text.prototype), this, parts, state);
    }

    // Append a token to what the model has read.
    push(token) {
        this.network.advance(this.state, token);
        this.tokens.push(token);
        if (this.tokens.length % SPACING === 0) this.kept.push(this.state.slice());
    }

    // The last `count` tokens are now one more character.
    finish(character, bits) {
        this.characters.push(character);
        this.bits.push(bits);
        this.ends.push(this.tokens.length);
    }

    // How many tokens there are before the character at a place.
    tokensBefore(place) {
        return place === 0 ? this.start : this.ends[place - 1];
    }

    // The state after the first `count` tokens.
    stateAfter(count) {
        if (count === this.tokens.length) return this.state.slice();
        const from = Math.floor(count / SPACING), state = this.kept[from].slice();
        for (let n = from * SPACING; n < count; n++) this.network.advance(state, this.tokens[n]);
        return state;
    }

    // Keep the characters before a place only.
    cut(place) {
        const count = this.tokensBefore(place);
        this.state = this.stateAfter(count);
        this.drawn = Math.max(0, this.drawn - (this.characters.length - place));
        this.tokens.length = count;
        for (const list of [this.characters, this.bits, this.ends]) list.length = place;
        this.kept.length = Math.floor(count / SPACING) + 1;
    }
}

class Writer {
    constructor(network, vocabulary) {
        this.network = network;
        this.vocabulary = vocabulary;
        this.logits = new Float64Array(vocabulary.size);
        this.chances = new Float64Array(vocabulary.size);
        this.restart();
    }

    // Begin another text: the empty one is a newline.
    restart() {
        this.pending = [];
        this.text = new Text(this.network);
        for (const token of this.vocabulary.encode("\n")) this.text.push(token);
        this.text.start = this.text.tokens.length;
    }

    // Read a text at the end; each `yield` is a character.
    *read(text) {
        for (const character of text) {
            this.pending = [];
            let bits = 0;
            for (const token of this.vocabulary.encode(character)) bits += this.add(token, this.expect());
            this.text.finish(character, bits);
            yield;
        }
    }

    // Set the logits of the next token; return which tokens are legal.
    expect() {
        this.network.predict(this.text.state, this.logits);
        return this.vocabulary.legal(this.pending);
    }

    // Append a token; return what it cost, of what is legal.
    add(token, legal) {
        weigh(this.logits, legal, 1, this.chances);
        const bits = Math.log2(total(this.chances) / this.chances[token]);
        const byte = token - this.vocabulary.firstByte;
        this.pending = byte < 0 ? [] : [...this.pending, byte];
        this.text.push(token);
        return bits;
    }

    // Draw characters until the length or a stop text; each `yield` is one. When it ends, or is made to return, what is
    // not certain is taken back.
    // run: settings (length, temperature, topP, seed, stops) and position, the number of tokens that were drawn before;
    // set: begun and certain, the text's length before and as far as it is certain, position, ended: "length" or "stop".
    *draw(run) {
        const { text } = this, { settings } = run, seed = BigInt(settings.seed);
        const stops = new Stops(settings.stops, text.characters.slice(text.characters.length - text.drawn));
        const first = run.position - text.tokens.length;
        run.begun = run.certain = text.characters.length;
        run.ended = settings.length === 0 ? "length" : "";
        this.pending = [];
        try {
            while (!run.ended) {
                const character = this.drawCharacter(settings, seed, first);
                const end = text.characters.length, found = stops.take(character);
                run.ended = found > 0 ? "stop" : end - run.begun >= settings.length ? "length" : "";
                run.certain = Math.max(run.certain, end - (found || (run.ended ? 0 : stops.held)));
                yield;
            }
        } finally {
            text.cut(run.certain);
            this.pending = [];
            run.position = first + text.tokens.length;
        }
    }

    drawCharacter(settings, seed, first) {
        let bits = 0, character = "";
        while (character === "") {
            const legal = this.expect();
            weigh(this.logits, legal, settings.temperature, this.chances);
            nucleus(this.chances, settings.topP);
            const token = drawn(this.chances, uniform(seed, first + this.text.tokens.length));
            bits += this.add(token, legal);
            character = this.character(token);
        }
        this.text.finish(character, bits);
        this.text.drawn++;
        return character;
    }

    // The character that a token completes; "" while bytes of it are missing.
    character(token) {
        if (token < this.vocabulary.firstByte) return this.vocabulary.characters[token];
        if (this.pending.length < sequenceLength(this.pending[0])) return "";
        const bytes = Uint8Array.from(this.pending);
        this.pending = [];
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    }

    // What there is at an instant: the character that was read, the states before and after it, and the characters that
    // may follow, the likeliest first, with their probabilities before and after the settings. instant 0: the newline.
    look(instant, settings) {
        const { text, vocabulary } = this, count = text.tokensBefore(instant);
        const after = text.stateAfter(count), before = text.stateAfter(count - 1);
        const logits = new Float64Array(vocabulary.size), own = new Float64Array(vocabulary.size);
        this.network.predict(after, logits);
        const legal = vocabulary.legal([]);
        weigh(logits, legal, 1, own);
        const shaped = own.slice();
        weigh(logits, legal, settings.temperature, shaped);
        nucleus(shaped, settings.topP);
        const sums = [total(own), total(shaped)], first = vocabulary.firstByte;
        const share = (chances, sum, from, to) => total(chances.subarray(from, to)) / sum;
        const choices = vocabulary.characters.map((character, id) => [character, own[id] / sums[0], shaped[id] / sums[1]]);
        choices.push(["", share(own, sums[0], first), share(shaped, sums[1], first)]);  // any that must be spelled
        choices.sort((a, b) => b[1] - a[1]);
        const layers = (state) => Array.from({ length: this.network.layers }, (_, layer) => this.layer(state, layer));
        return { instant, letter: instant === 0 ? "\n" : text.characters[instant - 1], choices,
            came: text.characters[instant] ?? null, memory: layers(before), hidden: layers(after) };
    }

    // The hidden vector of a layer, all members'.
    layer(state, layer) {
        const { network } = this, found = new Float32Array(network.members * network.hidden);
        for (let member = 0; member < network.members; member++) {
            found.set(network.hiddenOf(state, layer * network.members + member), member * network.hidden);
        }
        return found;
    }
}
