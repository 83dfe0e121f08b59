"""From a caller's text to what the engine works on: sentences, each with its prompt. Loads no PyTorch."""

from dataclasses import dataclass

from text.sentences import Sentence, split_sentences
from text.tokenizer import Tokenizer


@dataclass(frozen=True)
class PreparedSentence:
    """A sentence and the tokens of its prompt."""

    sentence: Sentence
    prompt: list[int]


def prepare(text: str, tokenizer: Tokenizer, max_characters: int) -> list[PreparedSentence]:
    """Normalise `text`, split it and tokenize its sentences, of which there is at least one. Raises `InvalidText`."""
    sentences = split_sentences(text, max_characters=max_characters)
    return [PreparedSentence(sentence, tokenizer.prompt(sentence.text)) for sentence in sentences]
