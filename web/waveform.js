/** Seconds of audio in one column of the data. */
const COLUMN = 0.01;
/** Least number of seconds across the picture, so that the first sounds do not fill it. */
const SPAN = 3;
/** The distance between two bars and the width of one, in CSS pixels. */
const PITCH = 4;
const BAR = 2.5;

/** Draws the loudness of a clip over time while it arrives, and how much of it has been played. */
export class Waveform {
  /** @type {number[]} */
  #peaks = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.seconds = 0;
    this.complete = false;
  }

  clear() {
    this.#peaks = [];
    this.seconds = 0;
    this.complete = false;
  }

  /**
   * @param {Float32Array} samples
   * @param {number} rate
   */
  add(samples, rate) {
    samples.forEach((sample, index) => {
      const column = Math.floor((this.seconds + index / rate) / COLUMN);
      this.#peaks[column] = Math.max(this.#peaks[column] ?? 0, Math.abs(sample));
    });
    this.seconds += samples.length / rate;
  }

  /** @param {number} position seconds that have been played */
  draw(position) {
    const { width, height } = this.#fit();
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const [empty, made, heard] = this.#colours();
    const span = this.complete ? this.seconds : Math.max(this.seconds, SPAN);
    context.clearRect(0, 0, width, height);
    for (let left = 0; left + BAR <= width; left += PITCH) {
      const from = (left / width) * span;
      const peak = this.#peak(from, ((left + PITCH) / width) * span);
      const tall = Math.max(2, peak * height);
      context.fillStyle = from >= this.seconds ? empty : from < position ? heard : made;
      context.beginPath();
      context.roundRect(left, (height - tall) / 2, BAR, tall, BAR / 2);
      context.fill();
    }
  }

  #colours() {
    const style = getComputedStyle(this.canvas);
    return ["--wave-empty", "--wave-made", "--wave-heard"].map((name) => style.getPropertyValue(name));
  }

  /**
   * @param {number} from in seconds
   * @param {number} to
   */
  #peak(from, to) {
    const columns = this.#peaks.slice(Math.floor(from / COLUMN), Math.ceil(to / COLUMN));
    return columns.reduce((peak, column) => Math.max(peak, column ?? 0), 0);
  }

  /** Match the canvas to the pixels of the screen; the returned size is in CSS pixels. */
  #fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = window.devicePixelRatio;
    const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) {
      [this.canvas.width, this.canvas.height] = pixels;
      this.canvas.getContext("2d")?.scale(ratio, ratio);
    }
    return { width, height };
  }
}
