import { fillLists } from "./catalog.js";
import { tellCheckpoint } from "./checkpoint.js";
import { element } from "./dom.js";
import { FORMATS, LIVE_FORMAT, wayToPlay } from "./formats.js";
import { keepKey } from "./key.js";

/** The form with the text and the settings of a request. */
export class SpeechForm {
  element = element("form", HTMLFormElement);
  text = element("text", HTMLTextAreaElement);
  key = element("key", HTMLInputElement);
  live = element("live", HTMLInputElement);
  #liveNote = element("live-note", HTMLElement);
  #format = element("format", HTMLSelectElement);
  #formatNote = element("format-note", HTMLElement);
  #voice = element("voice", HTMLSelectElement);
  #model = element("model", HTMLSelectElement);
  #speed = element("speed", HTMLInputElement);
  #speedValue = element("speed-value", HTMLOutputElement);

  constructor() {
    keepKey(this.key);
    this.key.addEventListener("change", () => this.list());
    this.element.addEventListener("input", () => this.#describe());
    this.element.hidden = false;
    this.#describe();
    this.list();
  }

  get apiKey() {
    return this.key.value.trim();
  }

  /** @returns {import("./speech.js").SpeechRequest} */
  get request() {
    const { model, voice, ...more } = this.requestWithoutText;
    return { model, voice, input: this.text.value, ...more };
  }

  /** @returns {import("./speech.js").RequestWithoutText} */
  get requestWithoutText() {
    const speed = Number(this.#speed.value);
    return {
      model: this.#model.value,
      voice: this.#voice.value,
      response_format: this.live.checked ? LIVE_FORMAT.name : this.#formatName,
      ...(speed === 1 ? {} : { speed }),
    };
  }

  /** Whether this browser plays the chosen format while it arrives. */
  get playsAtOnce() {
    return wayToPlay(FORMATS[this.#formatName]) !== "whole";
  }

  /** Ask the server for its models, its voices and its checkpoint. */
  async list() {
    tellCheckpoint(await fillLists(this.#model, this.#voice, this.apiKey));
    // The page shows the request, so it must update it.
    this.element.dispatchEvent(new Event("input"));
  }

  get #formatName() {
    return /** @type {import("./formats.js").FormatName} */ (this.#format.value);
  }

  #describe() {
    this.#speedValue.value = `${Number(this.#speed.value)}×`;
    this.#speed.setAttribute("aria-valuetext", `${Number(this.#speed.value)} times`);
    this.#liveNote.hidden = !this.live.checked;
    /** @type {HTMLElement} */ (this.#format.parentElement).hidden = this.live.checked;
    const needsNote = !this.live.checked && !this.playsAtOnce;
    this.#formatNote.hidden = !needsNote;
    this.#formatNote.textContent = !needsNote
      ? ""
      : `On this page and in this browser, ${this.#formatName} starts to play only when all of it has arrived.`;
  }
}
