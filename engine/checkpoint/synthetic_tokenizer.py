"""Writes a tokenizer in Soprano's layout, for synthetic checkpoints.

The ids are in the same order as in the published tokenizer: four special tokens, the audio tokens, then text tokens.
"""

import json
import re
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

SPECIAL_TOKENS = ("[UNK]", "[TEXT]", "[START]", "[STOP]")
STOP = SPECIAL_TOKENS.index("[STOP]")
AUDIO_OFFSET = len(SPECIAL_TOKENS)

# The characters of the published tokenizer, which include all output of the text normalisation.
_CHARACTERS = " !\"$%&'*+,-./0123456789<>?_abcdefghijklmnopqrstuvwxyz"

# Letter pairs by their frequency in English, the most frequent first, used as merges.
_LETTER_PAIRS = re.findall(
    "..",
    "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneea"
    "racelichllbemasiomurcaeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowageie"
    "wheewiemadolrtpowenaulnitsmoowpaimmiaishirsuidosiviaamficivipligtuevldrympfeblab"
    "ghtyopwosaayexkeuifrooagdaapavifodeidsgobackspue",
)


def write_tokenizer(path: Path, audio_tokens: int, text_tokens: int) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json` with exactly `text_tokens` text tokens."""
    pairs = _LETTER_PAIRS[: text_tokens - len(_CHARACTERS)]
    text = [*_CHARACTERS, *pairs]
    if len(text) != text_tokens:
        raise ValueError(f"{text_tokens} text tokens are requested; {len(text)} are possible")
    audio = [f"[{index}]" for index in range(audio_tokens)]
    vocabulary = {token: index for index, token in enumerate([*SPECIAL_TOKENS, *audio, *text])}
    merges = [(pair[0], pair[1]) for pair in pairs]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token=SPECIAL_TOKENS[0]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Split(Regex(r"\s+|\w+|[^\w\s]+"), behavior="isolated"),
        ]
    )
    special = [AddedToken(token, special=True, normalized=False) for token in [*SPECIAL_TOKENS, *audio]]
    tokenizer.add_special_tokens(special)
    tokenizer.enable_padding(direction="left", pad_id=0, pad_token=SPECIAL_TOKENS[STOP])
    tokenizer.save(str(path / "tokenizer.json"))
    (path / "tokenizer_config.json").write_text(json.dumps(_config(), indent=2) + "\n", encoding="utf-8")


def _config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_max_length": 2048,
        "padding_side": "left",
        "unk_token": "[UNK]",
        "pad_token": "[STOP]",
        "bos_token": "[STOP]",
        "eos_token": "[STOP]",
    }
