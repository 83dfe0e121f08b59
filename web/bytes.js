/**
 * Decode base64 text to bytes.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * Join several pieces.
 *
 * @param {Uint8Array[]} pieces
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joined(pieces) {
  return filled(new Uint8Array(length(pieces)), pieces);
}

/**
 * Join several runs of samples.
 *
 * @param {Float32Array[]} runs
 * @returns {Float32Array<ArrayBuffer>}
 */
export function joinedSamples(runs) {
  return filled(new Float32Array(length(runs)), runs);
}

/** @param {ArrayLike<number>[]} pieces */
function length(pieces) {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/**
 * @template {Uint8Array | Float32Array} A
 * @param {A} whole
 * @param {ArrayLike<number>[]} pieces
 */
function filled(whole, pieces) {
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
