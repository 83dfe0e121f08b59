/**
 * The bytes of base64 text.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * Several pieces as one.
 *
 * @param {Uint8Array[]} pieces
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/**
 * Several runs of samples as one.
 *
 * @param {Float32Array[]} runs
 * @returns {Float32Array<ArrayBuffer>}
 */
export function joinedSamples(runs) {
  const whole = new Float32Array(runs.reduce((size, run) => size + run.length, 0));
  let offset = 0;
  for (const run of runs) {
    whole.set(run, offset);
    offset += run.length;
  }
  return whole;
}
