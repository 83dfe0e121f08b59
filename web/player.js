import { joined } from "./bytes.js";
import { FilePlayer, MediaSourcePlayer } from "./media_element.js";
import { wayToPlay } from "./formats.js";
import { FrameDecoder, flacHeaderSize } from "./frames.js";
import { OpusDecoder } from "./opus.js";
import { PcmDecoder } from "./pcm.js";
import { Timeline } from "./timeline.js";

/**
 * Plays the bytes of one clip, and passes its samples on for drawing.
 *
 * `push` takes bytes as they arrive; `end` resolves when everything has been played; `close` ends the sound at once.
 * `begun` is the time of the first sound on the clock of `performance`; `position` is in seconds of the clip.
 * @typedef {object} Player
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} push
 * @property {() => Promise<void>} end
 * @property {() => void} close
 * @property {Promise<number>} begun
 * @property {number} position
 */

/**
 * Open the best player that this browser has for a format; must be called in the handler of a click or a key.
 *
 * @param {import("./formats.js").Format} format
 * @param {import("./pcm.js").SampleSink} draw
 * @param {(error: Error) => void} fail
 * @returns {Player}
 */
export function openPlayer(format, draw, fail) {
  switch (wayToPlay(format)) {
    case "samples":
      return new SamplePlayer(format, draw, fail);
    case "media":
      return new DrawnMediaPlayer(format, draw, fail);
    default:
      return new WholePlayer(format, draw);
  }
}

/** Decodes the bytes and plays the samples. */
class SamplePlayer {
  /**
   * @param {import("./formats.js").Format} format
   * @param {import("./pcm.js").SampleSink} draw
   * @param {(error: Error) => void} fail
   */
  constructor(format, draw, fail) {
    this.timeline = new Timeline(format.rate);
    this.begun = this.timeline.begun;
    this.decoder = openDecoder(
      format,
      (samples, rate) => {
        this.timeline.add(samples, rate);
        draw(samples, rate);
      },
      fail,
    );
  }

  get position() {
    return this.timeline.position;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.decoder.push(bytes);
  }

  async end() {
    await this.decoder.end();
    await this.timeline.end();
    this.decoder.close();
  }

  close() {
    this.decoder.close();
    this.timeline.close();
  }
}

/** Lets the browser decode and play, and decodes a second time for drawing. */
class DrawnMediaPlayer extends MediaSourcePlayer {
  /**
   * @param {import("./formats.js").Format} format
   * @param {import("./pcm.js").SampleSink} draw
   * @param {(error: Error) => void} fail
   */
  constructor(format, draw, fail) {
    super(format.type);
    this.finished.catch(fail);
    // An incomplete picture must not end the sound.
    this.decoder = new FrameDecoder(format.rate, detected(this.detector, draw), () => this.detector.end(), {
      overlap: true,
    });
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    super.push(bytes);
    this.decoder.push(bytes);
  }

  close() {
    this.decoder?.close();
    super.close();
  }
}

/** Plays the clip only when all of it has arrived. */
class WholePlayer extends FilePlayer {
  /** @type {Uint8Array[]} */
  #pieces = [];

  /**
   * @param {import("./formats.js").Format} format
   * @param {import("./pcm.js").SampleSink} draw
   */
  constructor(format, draw) {
    super();
    this.format = format;
    this.decoder = new FrameDecoder(format.rate, detected(this.detector, draw), () => this.detector.end(), {});
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.#pieces.push(bytes);
  }

  async end() {
    const whole = joined(this.#pieces);
    this.decoder.push(whole);
    await this.play(new Blob([whole], { type: this.format.type }));
  }
}

/**
 * Pass samples to a detector as well.
 *
 * @param {import("./sound.js").SoundDetector} detector
 * @param {import("./pcm.js").SampleSink} draw
 * @returns {import("./pcm.js").SampleSink}
 */
function detected(detector, draw) {
  return (samples, rate) => {
    detector.add(samples, rate);
    draw(samples, rate);
  };
}

/**
 * @param {import("./formats.js").Format} format
 * @param {import("./pcm.js").SampleSink} sink
 * @param {(error: Error) => void} fail
 * @returns {import("./pcm.js").Decoder}
 */
function openDecoder(format, sink, fail) {
  switch (format.name) {
    case "opus":
      return new OpusDecoder(sink, fail);
    case "flac":
      return new FrameDecoder(format.rate, sink, fail, { headerSize: flacHeaderSize });
    default:
      return new PcmDecoder(format.rate, sink, { header: format.name === "wav" });
  }
}
