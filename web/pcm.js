import { HEADER_BYTES } from "./wav.js";

/**
 * Receives the decoded samples, from -1 to 1.
 * @typedef {(samples: Float32Array<ArrayBuffer>, rate: number) => void} SampleSink
 */

/**
 * Turns bytes into samples while they arrive; `end` resolves after the last samples.
 * @typedef {{push: (bytes: Uint8Array<ArrayBuffer>) => void, end: () => Promise<void>, close: () => void}} Decoder
 */

/**
 * Decodes 16-bit samples, after a WAV header if `header`. Pieces must be cut between samples, with a header in one
 * piece, as the server cuts them.
 * @implements {Decoder}
 */
export class PcmDecoder {
  /**
   * @param {number} rate of samples without a header
   * @param {SampleSink} sink
   * @param {{header?: boolean}} [more]
   */
  constructor(rate, sink, { header = false } = {}) {
    this.rate = rate;
    this.sink = sink;
    this.header = header;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    const view = new DataView(bytes.buffer);
    const begin = this.header ? HEADER_BYTES : 0;
    if (this.header) this.rate = view.getUint32(24, true);
    this.header = false;
    const length = (bytes.length - begin) / 2;
    const samples = Float32Array.from({ length }, (_, index) => view.getInt16(begin + 2 * index, true) / 32768);
    if (length) this.sink(samples, this.rate);
  }

  async end() {}

  close() {}
}
