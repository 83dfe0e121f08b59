/**
 * The request on the page as a command and as a program.
 *
 * @typedef {import("./speech.js").SpeechRequest} SpeechRequest
 */

/**
 * A command for a POSIX shell.
 *
 * @param {string} base URL of the API, including `/v1`
 * @param {SpeechRequest} request
 * @param {boolean} withKey whether to send a key, from the environment variable OPENAI_API_KEY
 * @returns {string}
 */
export function curlCommand(base, request, withKey) {
  const lines = [`curl --fail-with-body ${shellQuoted(`${base}/audio/speech`)}`];
  if (withKey) lines.push('-H "Authorization: Bearer $OPENAI_API_KEY"');
  lines.push("-H 'Content-Type: application/json'");
  lines.push(`-d ${shellQuoted(JSON.stringify(request))}`);
  lines.push(`-o speech.${request.response_format}`);
  return lines.join(" \\\n  ");
}

/**
 * A program for OpenAI's Python client.
 *
 * @param {string} base URL of the API, including `/v1`
 * @param {SpeechRequest} request
 * @param {boolean} withKey whether to send a key, from the environment variable OPENAI_API_KEY
 * @returns {string}
 */
export function pythonProgram(base, request, withKey) {
  // The client reads OPENAI_API_KEY by itself, and requires some key.
  const key = withKey ? "" : ', api_key="none"';
  // Strings and numbers have the same literals in JSON and in Python.
  const fields = Object.entries(request).map(([name, value]) => `    ${name}=${JSON.stringify(value)},`);
  return [
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${JSON.stringify(base)}${key})`,
    "with client.audio.speech.with_streaming_response.create(",
    ...fields,
    ") as response:",
    `    response.stream_to_file("speech.${request.response_format}")`,
  ].join("\n");
}

/**
 * A program that sends a text word by word, as a language model writes it, for the package `websockets`.
 *
 * @param {string} base URL of the API, including `/v1`
 * @param {import("./speech.js").RequestWithoutText} request
 * @param {boolean} withKey whether to send a key, from the environment variable OPENAI_API_KEY
 * @returns {string}
 */
export function livePythonProgram(base, request, withKey) {
  const { model, voice, response_format, speed } = request;
  const start = { type: "request.start", model, voice, response_format, ...(speed ? { speed } : {}) };
  const url = JSON.stringify(`${base.replace(/^http/, "ws")}/audio/speech/ws`);
  return [
    "import json",
    ...(withKey ? ["import os"] : []),
    "from websockets.sync.client import connect",
    "",
    'text = "Hello from Soprano, which speaks while you write. You hear this while the next sentence is written."',
    ...(withKey ? [`headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}`] : []),
    `with connect(${url}${withKey ? ", additional_headers=headers" : ""}) as socket:`,
    "    def send(**event):",
    "        socket.send(json.dumps(event))",
    "",
    `    send(${fields(start)})`,
    "    for word in text.split():  # as a language model writes them",
    '        send(type="input_text.append", text=word + " ")',
    '    send(type="input_text.end")',
    `    with open("speech.${response_format}", "wb") as file:`,
    "        for message in socket:",
    "            if isinstance(message, bytes):",
    "                file.write(message)",
    "            else:",
    "                print(message)",
  ].join("\n");
}

/**
 * Keyword arguments; strings and numbers have the same literals in JSON and in Python.
 *
 * @param {object} request
 */
function fields(request) {
  return Object.entries(request)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ");
}

/** @param {string} text */
function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
