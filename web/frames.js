import { joined } from "./bytes.js";

/** @typedef {import("./pcm.js").Decoder} Decoder */

/**
 * Decodes MP3, ADTS and FLAC with the browser's decoder for whole files, many frames at a time. Pieces must be cut
 * between frames, as the server cuts them.
 *
 * FLAC frames are independent and decode exactly. Frames of the other formats depend on those before them: with
 * `overlap` the previous batch is decoded again in front of the new one, which is exact enough for drawing.
 * @implements {Decoder}
 */
export class FrameDecoder {
  /** @type {Uint8Array[]} */
  #waiting = [];
  #running = Promise.resolve();
  #header = new Uint8Array(0);
  #previous = new Uint8Array(0);
  #previousLength = 0; // in samples

  /**
   * @param {number} rate
   * @param {import("./pcm.js").SampleSink} sink
   * @param {(error: Error) => void} fail
   * @param {{headerSize?: (bytes: Uint8Array) => number, overlap?: boolean}} more `headerSize` returns the header's
   *   size in the first bytes
   */
  constructor(rate, sink, fail, { headerSize = () => 0, overlap = false }) {
    this.context = new OfflineAudioContext(1, 1, rate);
    this.sink = sink;
    this.fail = fail;
    this.headerSize = headerSize;
    this.overlap = overlap;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.#waiting.push(bytes);
    // The pieces that arrive while a batch is decoded are the next batch.
    if (this.#waiting.length === 1) this.#running = this.#running.then(() => this.#decode()).catch(this.fail);
  }

  async end() {
    await this.#running;
  }

  close() {
    this.#waiting = [];
    this.sink = () => {};
  }

  async #decode() {
    let batch = joined(this.#waiting);
    this.#waiting = [];
    if (!this.#header.length) {
      const size = this.headerSize(batch);
      this.#header = batch.slice(0, size);
      batch = batch.slice(size);
    }
    if (!batch.length) return;
    const decoded = await this.context.decodeAudioData(joined([this.#header, this.#previous, batch]).buffer);
    const samples = decoded.getChannelData(0).slice(this.#previousLength);
    if (this.overlap) [this.#previous, this.#previousLength] = [batch, samples.length];
    this.sink(samples, decoded.sampleRate);
  }
}

/**
 * The size of "fLaC" and the metadata blocks after it.
 *
 * @param {Uint8Array} bytes
 * @returns {number}
 */
export function flacHeaderSize(bytes) {
  let offset = 4;
  for (let last = false; !last && offset + 3 < bytes.length; ) {
    last = (bytes[offset] & 0x80) !== 0;
    offset += 4 + (bytes[offset + 1] << 16) + (bytes[offset + 2] << 8) + bytes[offset + 3];
  }
  return offset;
}
