import { joined } from "./bytes.js";
import { withSizes, wrapped } from "./wav.js";

/** The received bytes of one clip. */
export class Recording {
  /** @type {Uint8Array[]} */
  #pieces = [];

  /** @param {import("./formats.js").Format} format */
  constructor(format) {
    this.format = format;
    this.size = 0;
  }

  get name() {
    return `speech.${this.format.name}`;
  }

  /** @param {Uint8Array} bytes */
  push(bytes) {
    this.#pieces.push(bytes);
    this.size += bytes.length;
  }

  /** The file to download: the received bytes; a WAV header gets its sizes. */
  file() {
    const bytes = joined(this.#pieces);
    return new Blob([this.format.name === "wav" ? withSizes(bytes) : bytes], { type: this.format.type });
  }

  /** A file to play; headerless samples get a header. */
  playable() {
    if (this.format.name !== "pcm") return this.file();
    return new Blob([wrapped(joined(this.#pieces), this.format.rate)], { type: "audio/wav" });
  }
}
