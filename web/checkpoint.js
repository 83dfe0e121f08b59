import { element } from "./dom.js";

/** @type {Record<string, string>} notices for weights that are not a release of Soprano */
const REMARKS = {
  builtin: "You hear builtin, the small built-in voice; the weights of Soprano sound better.",
  synthetic: "The weights are synthetic: they make noise, not speech.",
};

/**
 * Show which checkpoint is in use.
 *
 * @param {string | null} name null if it is not known
 */
export function tellCheckpoint(name) {
  const place = element("checkpoint", HTMLElement);
  place.hidden = !name;
  place.className = name && name in REMARKS ? "notice" : "note";
  place.textContent = name && (REMARKS[name] ?? `You hear ${name}.`);
}
