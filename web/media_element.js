import { SoundDetector } from "./sound.js";

/** The base class of the two players that use an <audio> element. `detector` takes the samples of what it plays. */
class MediaElementPlayer {
  constructor() {
    this.audio = new Audio();
    this.detector = new SoundDetector();
    /** @type {Promise<number>} */
    const playing = new Promise((resolve) => {
      this.audio.addEventListener("playing", () => resolve(performance.now()), { once: true });
    });
    /** @type {Promise<number>} the time of the first sound, on the clock of `performance` */
    this.begun = Promise.all([playing, this.detector.silence]).then(([time, silence]) => time + 1000 * silence);
    this.closed = false;
  }

  /** Seconds of the clip that have been played. */
  get position() {
    return this.audio.currentTime;
  }

  /** @param {Blob | MediaSource} source */
  open(source) {
    this.url = URL.createObjectURL(source);
    this.audio.src = this.url;
  }

  /** Resolves when everything has been played or the player was closed; throws the browser's error. */
  async playToEnd() {
    await new Promise((resolve, reject) => {
      this.audio.addEventListener("ended", resolve);
      this.audio.addEventListener("emptied", resolve);
      this.audio.addEventListener("error", () => reject(new Error("The browser could not play this audio.")));
      this.audio.play().catch((error) => this.closed || reject(error));
    });
    this.close();
  }

  close() {
    this.closed = true;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    if (this.url) URL.revokeObjectURL(this.url);
  }
}

/** Plays bytes as they arrive, with Media Source Extensions. */
export class MediaSourcePlayer extends MediaElementPlayer {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #waiting = [];
  #ended = false;
  /** @type {SourceBuffer | undefined} */
  #buffer;

  /** @param {string} type */
  constructor(type) {
    super();
    this.source = new MediaSource();
    this.source.addEventListener("sourceopen", () => {
      if (this.closed) return;
      this.#buffer = this.source.addSourceBuffer(type);
      this.#buffer.addEventListener("updateend", () => this.#feed());
      this.#feed();
    });
    // A full buffer has room again after some of it has been played.
    this.audio.addEventListener("timeupdate", () => this.#feed());
    this.open(this.source);
    this.finished = this.playToEnd();
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.#waiting.push(bytes);
    this.#feed();
  }

  /** Resolves when everything has been played. */
  async end() {
    this.#ended = true;
    this.#feed();
    await this.finished;
  }

  #feed() {
    if (!this.#buffer || this.#buffer.updating || this.source.readyState !== "open") return;
    if (this.#waiting.length) {
      this.#append(this.#buffer, this.#waiting[0]);
    } else if (this.#ended) {
      this.source.endOfStream();
    }
  }

  /**
   * @param {SourceBuffer} buffer
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  #append(buffer, bytes) {
    try {
      buffer.appendBuffer(bytes);
      this.#waiting.shift();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "QuotaExceededError")) throw error;
      const played = this.audio.currentTime - 1;
      if (played > 0) buffer.remove(0, played);
    }
  }
}

/** Plays a complete file. */
export class FilePlayer extends MediaElementPlayer {
  /** @param {Blob} file */
  async play(file) {
    this.open(file);
    await this.playToEnd();
  }
}
