#!/bin/sh
# Speech with curl: four ways to ask for it.
#
#     sh examples/speech.sh "Hello from Soprano." directory
#
# The text stands in JSON as it is, so it must not hold quotes, backslashes or line ends.
set -eu

url=${SOPRANO_URL:-http://127.0.0.1:8080}/v1/audio/speech
text=$1
folder=$2

# ask NAME FIELDS: ask for the text with these fields, and write the answer to a file, or the server's error.
ask() {
    body=$(printf '{"model":"soprano","voice":"soprano","input":"%s",%s}' "$text" "$2")
    curl --silent --show-error --fail-with-body "$url" -o "$folder/$1" -d "$body" \
        -H 'Content-Type: application/json' -H "Authorization: Bearer ${SOPRANO_API_KEY:-none}"
}

# Audio as it is made.
ask speech.mp3 '"response_format":"mp3"'
# One body of stated length, at another rate and speed.
ask speech.wav '"response_format":"wav","stream":false,"sample_rate":16000,"speed":1.25'
# One JSON object: the audio in base64, and when each sentence is heard.
ask speech.json '"stream":false,"timestamps":true'
# OpenAI's events, with an event after each sentence.
ask speech.events '"stream_format":"sse","timestamps":true'
