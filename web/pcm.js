import { HEADER_BYTES } from "./wav.js";

/**
 * Takes the decoded samples, from -1 to 1.
 * @typedef {(samples: Float32Array<ArrayBuffer>, rate: number) => void} SampleSink
 */

/**
 * Bytes in, samples out, as they come; `end` is done once the last samples are out.
 * @typedef {{push: (bytes: Uint8Array<ArrayBuffer>) => void, end: () => Promise<void>, close: () => void}} Decoder
 */

/**
 * Decodes 16-bit samples, after a WAV header if `header`. The server cuts between samples, and sends a header whole.
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
