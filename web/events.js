/**
 * Yield the JSON objects of server-sent events, each a `data: ` line and an empty line. Leaving the loop closes the
 * connection.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<any, void>}
 */
export async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const complete = text.split("\n\n");
      text = /** @type {string} */ (complete.pop());
      for (const event of complete) yield JSON.parse(event.slice("data: ".length));
    }
  } finally {
    // Close the connection; if it is broken already, that fails, which does not matter.
    reader.cancel().catch(() => {});
  }
}
