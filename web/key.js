const NAME = "api-key";

/**
 * Keeps the API key of a field for as long as the tab is open, and nowhere else.
 *
 * @param {HTMLInputElement} field
 */
export function keepKey(field) {
  const storage = sessionStorageIfAllowed();
  field.value = storage?.getItem(NAME) ?? "";
  field.addEventListener("input", () => storage?.setItem(NAME, field.value));
}

/** A browser that keeps nothing of this page throws instead. */
function sessionStorageIfAllowed() {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}
