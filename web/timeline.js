/** Seconds between samples that come late, the first ones too, and their sound: room to put the next behind them. */
const LEAD = 0.03;

/** Samples that are heard one run after the other, without a gap as long as they come in time. */
export class Timeline {
  /** @type {{at: number, start: number, seconds: number}[]} */
  #runs = []; // from the one that is heard on; `at` on the context's clock, `start` in the clip
  #end = 0; // of the last run, on the context's clock
  #seconds = 0;
  /** @type {AudioBufferSourceNode | undefined} */
  #last;

  /**
   * To be made in answer to a click or a key: a page may not sound before.
   *
   * @param {number} rate which the samples should have, so that nothing is resampled run by run
   */
  constructor(rate) {
    this.context = new AudioContext({ sampleRate: rate });
    /** @type {(time: number) => void} */
    this.begin = () => {};
    /** @type {Promise<number>} when the first sound is heard, on the clock of `performance` */
    this.begun = new Promise((resolve) => (this.begin = resolve));
  }

  /** Seconds of the clip that were heard. */
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
    const at = this.#end > now ? this.#end : now + LEAD;
    this.#last = new AudioBufferSourceNode(this.context, { buffer });
    this.#last.connect(this.context.destination);
    this.#last.start(at);
    if (!this.#runs.length) this.#announce(at);
    this.#runs.push({ at, start: this.#seconds, seconds: buffer.duration });
    this.#end = at + buffer.duration;
    this.#seconds += buffer.duration;
  }

  /** Done once everything was heard. */
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
