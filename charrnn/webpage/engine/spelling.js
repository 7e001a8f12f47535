// Text and tokens: a character of the vocabulary is one token, any other is spelled by its UTF-8 bytes; and the rule
// of legal next tokens, by which each text has exactly one spelling (charrnn/data/allowed_tokens.py).

const SURROGATES = [0xd800, 0xe000];  // code points that no text contains

// The text as the model reads it: NFC, LF line ends, no byte-order mark, and U+FFFD for half a character.
function clean(text) {
    return text.replace(/^\ufeff+/, "").replace(/\r\n?/g, "\n").replace(/\p{Surrogate}/gu, "\ufffd").normalize("NFC");
}

function sequenceLength(lead) {
    return lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

// The first and the last + 1 of the code points whose UTF-8 form begins with these bytes.
function codePoints(bytes) {
    const length = sequenceLength(bytes[0]), missing = length - bytes.length;
    if (missing < 0 || bytes.slice(1).some((byte) => byte < 0x80 || byte >= 0xc0)) return [0, 0];
    let value = length === 1 ? bytes[0] : bytes[0] & (0x7f >> length);
    for (const byte of bytes.slice(1)) value = (value << 6) | (byte & 0x3f);
    const start = Math.max(value << (6 * missing), [0, 0, 0x80, 0x800, 0x10000][length]);  // below: overlong forms
    return [start, Math.max(start, Math.min((value + 1) << (6 * missing), 0x110000))];
}

class Vocabulary {
    constructor(characters) {
        this.characters = [...characters];
        this.ids = new Map(this.characters.map((character, id) => [character, id]));
        this.firstByte = this.characters.length;
        this.size = this.firstByte + 256;
        this.known = this.characters.map((character) => character.codePointAt(0));
        this.masks = new Map();
    }

    // The tokens of a character.
    encode(character) {
        if (this.ids.has(character)) return [this.ids.get(character)];
        return Array.from(new TextEncoder().encode(character), (byte) => this.firstByte + byte);
    }

    // Whether a character outside the vocabulary has a UTF-8 form that begins with these bytes.
    spellable(bytes) {
        const [start, stop] = codePoints(bytes);
        const taken = this.known.filter((code) => code >= start && code < stop).length;
        return stop - start > taken + Math.max(0, Math.min(stop, SURROGATES[1]) - Math.max(start, SURROGATES[0]));
    }

    // Which tokens may follow the bytes of an unfinished character, or a whole one if there are none.
    legal(pending) {
        const key = pending.join();
        if (!this.masks.has(key)) {
            const mask = new Uint8Array(this.size).fill(pending.length === 0 ? 1 : 0, 0, this.firstByte);
            for (let byte = 0; byte < 256; byte++) mask[this.firstByte + byte] = this.spellable([...pending, byte]);
            this.masks.set(key, mask);
        }
        return this.masks.get(key);
    }
}
