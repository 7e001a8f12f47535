// Deflate (RFC 1951), as not every browser of the last four years has DecompressionStream.

const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const LENGTH_BASE = LENGTH_EXTRA.map((_, n) => LENGTH_EXTRA.slice(0, n).reduce((sum, extra) => sum + 2 ** extra, 3));
LENGTH_BASE[28] = 258;  // the longest has a code of its own
const FAR_EXTRA = Array.from({ length: 30 }, (_, n) => Math.max(0, (n >> 1) - 1));
const FAR_BASE = FAR_EXTRA.map((_, n) => FAR_EXTRA.slice(0, n).reduce((sum, extra) => sum + 2 ** extra, 1));
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// A canonical Huffman code as a table over the next 15 bits: 16 times the symbol, plus the length of its code.
function huffman(lengths) {
    const table = new Uint16Array(1 << 15);
    for (let length = 1, code = 0; length <= 15; length++, code <<= 1) {
        for (let symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] !== length) continue;
            let reversed = 0;
            for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
            for (let place = reversed; place < table.length; place += 1 << length) table[place] = symbol * 16 + length;
            code++;
        }
    }
    return table;
}

class BitReader {
    constructor(bytes) {
        this.bytes = bytes;
        this.at = 0;
        this.held = 0;  // bits that were taken from the bytes and not yet given, at most 31
        this.count = 0;
    }

    fill(count) {
        while (this.count < count) {
            this.held |= (this.bytes[this.at++] || 0) << this.count;
            this.count += 8;
        }
    }

    bits(count) {
        this.fill(count);
        const found = this.held & ((1 << count) - 1);
        this.held >>>= count;
        this.count -= count;
        return found;
    }

    symbol(table) {
        this.fill(15);
        const entry = table[this.held & 0x7fff];
        if (entry === 0) throw new Error("damaged weights");
        this.held >>>= entry & 15;
        this.count -= entry & 15;
        return entry >> 4;
    }

    skipToByte() {
        this.at -= this.count >> 3;
        this.held = this.count = 0;
    }
}

function codeTables(reader) {
    const literals = reader.bits(5) + 257, distances = reader.bits(5) + 1, lengths = [], orders = new Array(19).fill(0);
    for (let n = reader.bits(4) + 4, k = 0; k < n; k++) orders[CODE_ORDER[k]] = reader.bits(3);
    const table = huffman(orders);
    while (lengths.length < literals + distances) {
        const symbol = reader.symbol(table);
        const [repeated, times] =
            symbol === 16 ? [lengths[lengths.length - 1], 3 + reader.bits(2)]
            : symbol === 17 ? [0, 3 + reader.bits(3)]
            : symbol === 18 ? [0, 11 + reader.bits(7)] : [symbol, 1];
        for (let n = 0; n < times; n++) lengths.push(repeated);
    }
    return [huffman(lengths.slice(0, literals)), huffman(lengths.slice(literals))];
}

function fixedTables() {
    const lengths = Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8));
    return [huffman(lengths), huffman(new Array(30).fill(5))];
}

// Return the `size` bytes that were deflated to these.
function inflate(bytes, size) {
    const reader = new BitReader(bytes), out = new Uint8Array(size);
    let at = 0, last = false;
    while (!last) {
        last = reader.bits(1) === 1;
        const kind = reader.bits(2);
        if (kind === 0) {
            reader.skipToByte();
            const length = reader.bits(16);
            reader.bits(16);
            for (let n = 0; n < length; n++) out[at++] = reader.bits(8);
            continue;
        }
        const [literals, distances] = kind === 1 ? fixedTables() : codeTables(reader);
        for (let symbol = reader.symbol(literals); symbol !== 256; symbol = reader.symbol(literals)) {
            if (symbol < 256) {
                out[at++] = symbol;
                continue;
            }
            const length = LENGTH_BASE[symbol - 257] + reader.bits(LENGTH_EXTRA[symbol - 257]);
            const code = reader.symbol(distances), back = FAR_BASE[code] + reader.bits(FAR_EXTRA[code]);
            for (let n = 0; n < length; n++, at++) out[at] = out[at - back];
        }
    }
    if (at !== size) throw new Error("damaged weights");
    return out;
}
