"""Turns a caller's text into sentences with prompts, the input of the engine. Loads no PyTorch."""

from dataclasses import dataclass

from text.options import AS_SPOKEN, ReadingOptions
from text.sentences import Sentence, split_sentences, spoken_sentences
from text.tokenizer import Tokenizer


@dataclass(frozen=True)
class PreparedSentence:
    """A sentence and the token ids of its prompt."""

    sentence: Sentence
    prompt: list[int]


def prepare(
    text: str, tokenizer: Tokenizer, max_characters: int, options: ReadingOptions = AS_SPOKEN
) -> list[PreparedSentence]:
    """Normalise `text`, split it into at least one sentence, and tokenise each. Raises `InvalidText`."""
    if options.spoken:
        sentences = spoken_sentences(text, max_characters=max_characters)
    else:
        sentences = split_sentences(text, options, max_characters=max_characters)
    return [PreparedSentence(sentence, tokenizer.prompt(sentence.text)) for sentence in sentences]
