export const HEADER_BYTES = 44;

/**
 * Return the WAV file with its two sizes filled in; a stream's header has 0xFFFFFFFF instead.
 *
 * @param {Uint8Array<ArrayBuffer>} file header and samples
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function withSizes(file) {
  if (file.length < HEADER_BYTES) return file;
  const sized = file.slice();
  const view = new DataView(sized.buffer);
  view.setUint32(4, file.length - 8, true);
  view.setUint32(40, file.length - HEADER_BYTES, true);
  return sized;
}

/**
 * Return headerless 16-bit mono samples as a WAV file, which every browser can play.
 *
 * @param {Uint8Array<ArrayBuffer>} samples
 * @param {number} rate
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function wrapped(samples, rate) {
  const file = new Uint8Array(HEADER_BYTES + samples.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("RIFF    WAVEfmt "));
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  file.set(new TextEncoder().encode("data"), 36);
  file.set(samples, HEADER_BYTES);
  return withSizes(file);
}
