/** The level (RMS) from which a window of samples is heard, and the window in seconds, as in proxy/audio/silence.py. */
const AUDIBLE = 10 ** (-50 / 20);
const WINDOW = 0.005;

/** Finds the first sound of a clip while its samples arrive. */
export class SoundDetector {
  #silence = 0; // seconds so far
  #heard = false;
  /** @type {(seconds: number) => void} */
  #tell = () => {};

  constructor() {
    /** @type {Promise<number>} the seconds of the clip before its first sound */
    this.silence = new Promise((resolve) => (this.#tell = resolve));
  }

  /**
   * @param {Float32Array} samples
   * @param {number} rate
   * @returns {number} the index of the first sound if it is in these samples, else -1
   */
  add(samples, rate) {
    if (this.#heard) return -1;
    const first = firstSound(samples, Math.round(WINDOW * rate));
    this.#silence += (first < 0 ? samples.length : first) / rate;
    if (first >= 0) this.end();
    return first;
  }

  /** Nothing more will be added: all so far counts as silence. */
  end() {
    this.#heard = true;
    this.#tell(this.#silence);
  }
}

/**
 * @param {Float32Array} samples
 * @param {number} window in samples
 */
function firstSound(samples, window) {
  for (let begin = 0; begin < samples.length; begin += window) {
    const part = samples.subarray(begin, begin + window);
    const power = part.reduce((sum, sample) => sum + sample * sample, 0) / part.length;
    if (power > AUDIBLE * AUDIBLE) return begin;
  }
  return -1;
}
