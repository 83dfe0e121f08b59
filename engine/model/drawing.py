"""Drawing the next token of some sentences, and what follows from it for them."""

from dataclasses import dataclass

from torch import Tensor

from engine.model.sampler import SamplingBatch, sample
from engine.model.sampling_table import SamplingTable
from engine.model.sentence_table import Rows, SentenceTable


@dataclass(frozen=True)
class StepRows:
    """The rows of a step."""

    at: Rows  # their slots: the first ones, or a list
    slots: Tensor  # [R]: the same, as a list
    active: Tensor | None = None  # [R]: those that take part in the step; None for all


@dataclass(frozen=True)
class Drawing:
    """What is read and changed, for all slots."""

    sentences: SentenceTable
    sampling: SamplingTable
    seen: Tensor  # [slots, V]: the tokens of the prompt, and of the output so far
    end_token: int


def draw(
    sentences: SentenceTable, seen: Tensor, end_token: int, rows: StepRows, logits: Tensor, sampling: SamplingBatch
) -> tuple[Tensor, Tensor]:
    """Draw a token of each row from `logits` `[R, V]`; return the tokens `[R]`, and which sentences go on, `[R]`."""
    speaking = sentences.speaking(rows.at)
    if rows.active is not None:
        speaking &= rows.active
    seen_before = seen[rows.at]
    tokens = sample(logits.float(), seen_before, sampling, sentences.states[rows.at])
    ends = speaking & (tokens == end_token)
    grows = speaking & ~ends
    seen.index_put_((rows.slots, tokens), seen_before.gather(1, tokens[:, None])[:, 0] | grows)
    return tokens, sentences.draw(rows.at, grows=grows, ends=ends)
