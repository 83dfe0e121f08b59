import { element } from "./dom.js";
import { Transcript } from "./transcript.js";
import { Waveform } from "./waveform.js";

/** Milliseconds between two updates if the user prefers reduced motion. */
const CALM = 250;

/** The panel with the facts about the clip and how much of it has been played. */
export class ClipPanel {
  waveform = new Waveform(element("waveform", HTMLCanvasElement));
  transcript = new Transcript(element("transcript", HTMLElement), element("spoken", HTMLElement));
  #element = element("clip", HTMLElement);
  #clock = element("clock", HTMLElement);
  #results = element("results", HTMLElement);
  #download = element("download", HTMLAnchorElement);
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #position = 0;
  #told = false; // whether the server has sent the duration
  #drawn = 0; // the time of the last update, on the clock of `performance`
  /** @type {{position: number} | undefined} */
  #sound;

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.waveform.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** @param {string} text */
  begin(text) {
    this.waveform.clear();
    this.transcript.begin(text);
    for (const id of ["first-sound", "duration", "tokens", "size"]) this.#tell(id, "–");
    this.#position = 0;
    this.#told = false;
    this.#results.hidden = true;
    this.#element.hidden = false;
  }

  /** Show the text in this panel, where it may not be now. */
  showTranscript() {
    this.#clock.after(this.transcript.element);
  }

  hide() {
    this.#element.hidden = true;
  }

  /**
   * Show the position of a sound until `leave` is called.
   *
   * @param {{position: number}} sound
   */
  follow(sound) {
    this.#sound = sound;
    const show = (/** @type {number} */ now) => {
      if (this.#sound !== sound) return;
      if (now - this.#drawn >= (this.#calm.matches ? CALM : 0)) {
        this.#drawn = now;
        this.#position = sound.position;
        this.transcript.mark(this.#position);
        this.#draw();
      }
      requestAnimationFrame(show);
    };
    requestAnimationFrame(show);
  }

  /** @param {boolean} atEnd whether all of it has been played */
  leave(atEnd) {
    this.#sound = undefined;
    if (!this.#told && this.waveform.seconds) this.#tellDuration(this.waveform.seconds);
    if (atEnd) this.#position = Infinity;
    this.transcript.mark(this.#position);
    this.#draw();
  }

  /** @param {number} milliseconds */
  tellFirstSound(milliseconds) {
    this.#tell("first-sound", `${Math.round(milliseconds)} ms`);
  }

  /**
   * Offer the received bytes as a download.
   *
   * @param {import("./recording.js").Recording} recording
   * @param {{input_tokens: number, output_tokens: number} | undefined} usage
   * @param {number} seconds the duration that the server sent; 0 if it sent none
   */
  offer(recording, usage, seconds) {
    this.waveform.complete = true;
    this.#told = seconds > 0;
    if (this.#told) this.#tellDuration(seconds);
    if (usage) this.#tell("tokens", `${usage.input_tokens} in, ${usage.output_tokens} out`);
    this.#tell("size", `${(recording.size / 1000).toFixed(1)} kB`);
    URL.revokeObjectURL(this.#download.href);
    this.#download.href = URL.createObjectURL(recording.file());
    this.#download.download = recording.name;
    this.#download.textContent = `Download ${recording.name}`;
    this.#results.hidden = false;
  }

  /** @param {number} seconds */
  #tellDuration(seconds) {
    this.#tell("duration", `${seconds.toFixed(2)} s`);
  }

  #draw() {
    const { seconds } = this.waveform;
    this.waveform.draw(this.#position);
    this.#clock.textContent = `${clock(Math.min(this.#position, seconds))} of ${clock(seconds)}`;
  }

  /**
   * @param {string} id
   * @param {string} value
   */
  #tell(id, value) {
    element(id, HTMLElement).textContent = value;
  }
}

/** @param {number} seconds */
function clock(seconds) {
  const tenths = Math.round(10 * seconds);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}
