import { joinedSamples } from "./bytes.js";
import { OggReader } from "./ogg.js";

/** @typedef {import("./pcm.js").Decoder} Decoder */

const RATE = 48000;
const MICROSECONDS = 1e6;

/**
 * Decodes Ogg Opus (RFC 7845) with WebCodecs.
 * @implements {Decoder}
 */
export class OpusDecoder {
  #ogg = new OggReader();
  #packets = 0;
  #skip = 0; // samples at the beginning that must not be played
  #firstGranule = 0;
  #granule = 0; // the position of the latest page; of the last page, the end of the audio
  /** @type {number | undefined} */
  #given; // the position up to which samples were passed on or skipped
  /** @type {Float32Array<ArrayBuffer>[]} */
  #decoded = [];

  /**
   * @param {import("./pcm.js").SampleSink} sink
   * @param {(error: Error) => void} fail
   */
  constructor(sink, fail) {
    this.sink = sink;
    this.decoder = new AudioDecoder({ output: (data) => this.#take(data), error: fail });
    this.decoder.configure({ codec: "opus", sampleRate: RATE, numberOfChannels: 1 });
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    for (const { data, granule } of this.#ogg.push(bytes)) {
      const index = this.#packets++;
      if (index === 0) this.#skip = new DataView(data.buffer).getUint16(10, true);
      if (index < 2) continue; // OpusHead and OpusTags
      const timestamp = (this.#granule / RATE) * MICROSECONDS;
      this.#granule = granule;
      if (index === 2) this.#firstGranule = granule;
      this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data }));
    }
  }

  async end() {
    await this.decoder.flush();
    this.#give();
  }

  close() {
    if (this.decoder.state !== "closed") this.decoder.close();
  }

  /** @param {AudioData} data */
  #take(data) {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    data.close();
    // Positions may start above 0. The server puts one packet on each page, so this is the start of the first page.
    this.#given ??= this.#firstGranule - samples.length;
    this.#decoded.push(samples);
    // A packet is only 20 ms, so packets that arrive together are passed on together.
    if (this.decoder.decodeQueueSize === 0) this.#give();
  }

  #give() {
    if (this.#given === undefined) return;
    let samples = joinedSamples(this.#decoded);
    this.#decoded = [];
    const skipped = Math.min(this.#skip, samples.length);
    this.#skip -= skipped;
    this.#given += skipped;
    samples = samples.slice(skipped, skipped + Math.max(0, this.#granule - this.#given));
    this.#given += samples.length;
    if (samples.length) this.sink(samples, RATE);
  }
}
