"""The checkpoint's tokenizer, and the prompt format that the model was trained on."""

from pathlib import Path

from tokenizers import Tokenizer as HuggingFaceTokenizer

from text.errors import InvalidTokenizer

_SPECIAL_TOKENS = ("[STOP]", "[TEXT]", "[START]")


class Tokenizer:
    """Turns a normalised sentence into the token ids of its prompt. Thread-safe."""

    def __init__(self, tokenizer: HuggingFaceTokenizer) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def from_file(cls, path: Path, vocab_size: int) -> "Tokenizer":
        """Read a `tokenizer.json`; raises `InvalidTokenizer` if it does not fit a vocabulary of `vocab_size` tokens."""
        try:
            tokenizer = HuggingFaceTokenizer.from_file(str(path))
        except Exception as error:  # the Rust library raises bare Exception for every malformed file
            raise InvalidTokenizer(f"it is not a tokenizer ({error})") from error
        missing = [token for token in _SPECIAL_TOKENS if tokenizer.token_to_id(token) is None]
        if missing:
            raise InvalidTokenizer(f"it lacks the special tokens {', '.join(missing)}")
        if tokenizer.get_vocab_size() > vocab_size:
            raise InvalidTokenizer(
                f"it has {tokenizer.get_vocab_size()} tokens but the model's vocabulary has {vocab_size}"
            )
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return cls(tokenizer)

    def prompt(self, sentence: str) -> list[int]:
        """Return the ids of `[STOP][TEXT]sentence[START]`; at most three more than the sentence has characters."""
        return list(self._tokenizer.encode(f"[STOP][TEXT]{sentence}[START]").ids)
