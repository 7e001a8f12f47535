// Products of int8 matrices and a vector of 16-bit integers, in sums of 32 bits: exact, so both ways give the same text.
// The instructions for vectors are some ten times as fast; browsers that lack them take the plain loops.

const STRIDE = 16;  // numbers of a row that the vector instructions take at once

// The function "mul" of this module, assembled from the text below:
//   (module (memory (export "m") 1)
//    (func (export "mul") (param $w i32) (param $x i32) (param $out i32) (param $rows i32) (param $n i32)
//     (local $k i32) (local $sum v128) (local $v v128)
//     (loop $row
//      (local.set $sum (v128.const i32x4 0 0 0 0)) (local.set $k (i32.const 0))
//      (loop $column
//       (local.set $v (v128.load (i32.add (local.get $w) (local.get $k))))
//       (local.set $sum (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (local.get $v))
//        (v128.load (i32.add (local.get $x) (i32.shl (local.get $k) (i32.const 1)))))))
//       (local.set $sum (i32x4.add (local.get $sum) (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_s (local.get $v))
//        (v128.load offset=16 (i32.add (local.get $x) (i32.shl (local.get $k) (i32.const 1)))))))
//       (br_if $column (i32.lt_s (local.tee $k (i32.add (local.get $k) (i32.const 16))) (local.get $n))))
//      (i32.store (local.get $out) (i32.add
//       (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
//       (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
//      (local.set $out (i32.add (local.get $out) (i32.const 4)))
//      (local.set $w (i32.add (local.get $w) (local.get $n)))
//      (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))
const MODULE =
    "AGFzbQEAAAABCQFgBX9/f39/AAMCAQAFAwEAQAcLAgFtAgADbXVsAAAKpwEBpAECAX8CewNA/QwAAAAAAAAAAAAAAAAAAAAAIQZBACEFA0AgACAF" +
    "av0ABAAhByAGIAf9hwEgASAFQQF0av0ABAD9ugH9rgEhBiAGIAf9iAEgASAFQQF0av0ABBD9ugH9rgEhBiAFQRBqIgUgBEgNAAsgAiAG/RsAIAb9" +
    "GwFqIAb9GwIgBv0bA2pqNgIAIAJBBGohAiAAIARqIQAgA0EBayIDDQALCw==";

// matrices: by name, { weights (rows, columns) in int8, rows, columns }. Set `vector`, then `run` sets `sums`.
class PlainProducts {
    constructor(matrices) {
        this.matrices = matrices;
        const largest = (side) => Math.max(...Object.values(matrices).map((matrix) => matrix[side]));
        this.vector = new Int32Array(largest("columns"));
        this.sums = new Int32Array(largest("rows"));
    }

    // Four rows at once, so that each number of the vector is loaded once for four products.
    run(name) {
        const { weights, rows, columns } = this.matrices[name], { vector, sums } = this;
        for (let row = 0; row < rows; row += 4) {
            const [i, j, l, m] = [0, 1, 2, 3].map((n) => Math.min(row + n, rows - 1) * columns);
            let a = 0, b = 0, c = 0, d = 0;
            for (let k = 0; k < columns; k++) {
                const value = vector[k];
                a = (a + Math.imul(weights[i + k], value)) | 0;
                b = (b + Math.imul(weights[j + k], value)) | 0;
                c = (c + Math.imul(weights[l + k], value)) | 0;
                d = (d + Math.imul(weights[m + k], value)) | 0;
            }
            sums[row] = a, sums[row + 1] = b, sums[row + 2] = c, sums[row + 3] = d;
        }
    }
}

class VectorProducts {
    // Throws where WebAssembly, or its vectors, are missing or forbidden.
    constructor(matrices) {
        const code = Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
        const { m, mul } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
        const padded = (columns) => Math.ceil(columns / STRIDE) * STRIDE;
        const all = Object.entries(matrices);
        const widest = Math.max(...all.map(([, { columns }]) => padded(columns)));
        const tallest = Math.max(...all.map(([, { rows }]) => rows));
        const sums = 2 * widest, first = sums + 4 * tallest;
        const bytes = all.reduce((sum, [, { rows, columns }]) => sum + rows * padded(columns), first);
        m.grow(Math.ceil(bytes / 65536));
        this.vector = new Int16Array(m.buffer, 0, widest);  // zeros beyond a shorter vector, as the rows' padding is zeros
        this.sums = new Int32Array(m.buffer, sums, tallest);
        this.calls = {};
        let at = first;
        for (const [name, { weights, rows, columns }] of all) {
            const wide = padded(columns), copy = new Int8Array(m.buffer, at, rows * wide), from = at;
            for (let row = 0; row < rows; row++) {
                copy.set(weights.subarray(row * columns, (row + 1) * columns), row * wide);
            }
            this.calls[name] = () => mul(from, 0, sums, rows, wide);
            at += rows * wide;
        }
    }

    run(name) {
        this.calls[name]();
    }
}

function fastestProducts(matrices) {
    try {
        return new VectorProducts(matrices);
    } catch {
        return new PlainProducts(matrices);
    }
}
