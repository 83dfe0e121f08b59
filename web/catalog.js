import { authorization } from "./speech.js";

/** @typedef {{id: string, checkpoint?: string | null}} Listed a model or a voice */

/**
 * Fill the lists with the server's models and voices; if the server does not answer, do not change them.
 *
 * @param {HTMLSelectElement} models
 * @param {HTMLSelectElement} voices
 * @param {string} key empty for none
 * @returns {Promise<string | null>} the checkpoint in use; null if the server does not name it
 */
export async function fillLists(models, voices, key) {
  const [listedModels, listedVoices] = await Promise.all([
    listed("./v1/models", key),
    listed("./v1/audio/voices", key),
  ]);
  fill(models, listedModels);
  fill(voices, listedVoices);
  return listedModels[0]?.checkpoint ?? null;
}

/**
 * @param {string} url
 * @param {string} key
 * @returns {Promise<Listed[]>}
 */
async function listed(url, key) {
  try {
    const response = await fetch(url, { headers: authorization(key) });
    const answer = response.ok ? await response.json() : { data: [] };
    return answer.data;
  } catch {
    return []; // the next request for speech will show the error
  }
}

/**
 * @param {HTMLSelectElement} list
 * @param {Listed[]} rows
 */
function fill(list, rows) {
  if (!rows.length) return;
  const names = rows.map(({ id }) => id);
  const chosen = list.value;
  list.replaceChildren(...names.map((name) => new Option(name)));
  if (names.includes(chosen)) list.value = chosen;
}
