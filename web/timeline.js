import { SoundDetector } from "./sound.js";

/** Seconds by which the first samples, and samples that arrive late, are delayed, so that more can follow in time. */
const DELAY = 0.03;

/** Plays runs of samples one after the other, without a gap if they arrive in time. */
export class Timeline {
  /** @type {{at: number, start: number, seconds: number}[]} */
  #runs = []; // from the one that plays now; `at` is a time on the context's clock, `start` a time in the clip
  #end = 0; // the end of the last run, on the context's clock
  #seconds = 0;
  #detector = new SoundDetector();
  /** @type {AudioBufferSourceNode | undefined} */
  #last;

  /**
   * Must be called in the handler of a click or a key, since browsers let a page play sound only then.
   *
   * @param {number} rate the sample rate; runs of another rate would each be resampled
   */
  constructor(rate) {
    this.context = new AudioContext({ sampleRate: rate });
    /** @type {(time: number) => void} */
    this.begin = () => {};
    /** @type {Promise<number>} the time of the first sound, on the clock of `performance` */
    this.begun = new Promise((resolve) => (this.begin = resolve));
  }

  /** Seconds of the clip that have been played. */
  get position() {
    const now = this.context.currentTime;
    while (this.#runs.length > 1 && this.#runs[1].at <= now) this.#runs.shift();
    const run = this.#runs[0];
    return run ? run.start + Math.min(Math.max(now - run.at, 0), run.seconds) : 0;
  }

  /**
   * @param {Float32Array<ArrayBuffer>} samples
   * @param {number} rate
   */
  add(samples, rate) {
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: rate });
    buffer.copyToChannel(samples, 0);
    const now = this.context.currentTime;
    const at = this.#end > now ? this.#end : now + DELAY;
    this.#last = new AudioBufferSourceNode(this.context, { buffer });
    this.#last.connect(this.context.destination);
    this.#last.start(at);
    const first = this.#detector.add(samples, rate);
    if (first >= 0) this.#announce(at + first / rate);
    this.#runs.push({ at, start: this.#seconds, seconds: buffer.duration });
    this.#end = at + buffer.duration;
    this.#seconds += buffer.duration;
  }

  /** Resolves when everything has been played. */
  async end() {
    const last = this.#last;
    if (last && this.#end > this.context.currentTime) await new Promise((resolve) => (last.onended = resolve));
    this.close();
  }

  close() {
    if (this.context.state !== "closed") this.context.close();
  }

  /** @param {number} at */
  async #announce(at) {
    await this.context.resume();
    const wait = at - this.context.currentTime + (this.context.outputLatency || 0);
    this.begin(performance.now() + 1000 * Math.max(wait, 0));
  }
}
