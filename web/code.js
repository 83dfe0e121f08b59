import { element } from "./dom.js";
import { curlCommand, livePythonProgram, pythonProgram } from "./snippets.js";

/** A text with a button that copies it. */
class Snippet {
  /** @param {string} id */
  constructor(id) {
    this.element = element(id, HTMLElement);
    this.copied = element(`${id}-copied`, HTMLElement);
    element(`copy-${id}`, HTMLButtonElement).addEventListener("click", () => this.#copy());
  }

  /** @param {string | undefined} text undefined to hide it */
  show(text) {
    /** @type {HTMLElement} */ (this.element.closest(".snippet")).hidden = text === undefined;
    if (text === undefined) return;
    // What was copied is still true when the page shows the same again, as after the lists of models have come.
    if (text === this.element.textContent) return;
    this.element.textContent = text;
    this.copied.textContent = "";
  }

  async #copy() {
    const copied = await copy(this.element);
    this.copied.textContent = copied ? "Copied." : "Press Ctrl+C to copy what is selected.";
  }
}

/** The request as a command and as a program. */
export class Code {
  #curl = new Snippet("curl");
  #python = new Snippet("python");
  #livePython = new Snippet("live-python");

  constructor() {
    element("code", HTMLElement).hidden = false;
  }

  /**
   * @param {import("./speech.js").SpeechRequest} request
   * @param {{withKey: boolean, live: boolean}} more
   */
  show(request, { withKey, live }) {
    const base = new URL("./v1", document.baseURI).href;
    this.#curl.show(live ? undefined : curlCommand(base, request, withKey));
    this.#python.show(live ? undefined : pythonProgram(base, request, withKey));
    this.#livePython.show(live ? livePythonProgram(base, request, withKey) : undefined);
  }
}

/**
 * @param {HTMLElement} snippet
 * @returns {Promise<boolean>} whether the text was copied; if not, it is selected
 */
async function copy(snippet) {
  // Pages on insecure origins have no clipboard API, only this older command.
  if (!navigator.clipboard) {
    getSelection()?.selectAllChildren(snippet);
    return document.execCommand("copy");
  }
  try {
    await navigator.clipboard.writeText(snippet.textContent ?? "");
    return true;
  } catch {
    getSelection()?.selectAllChildren(snippet);
    return false;
  }
}
