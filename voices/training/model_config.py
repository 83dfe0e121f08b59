"""The size of the voice: language model and decoder have 11 million parameters, 21 MB in bfloat16."""

from transformers import Qwen3Config

from engine.checkpoint.synthetic_tokenizer import AUDIO_OFFSET, STOP

AUDIO_TOKENS = 1024
TEXT_TOKENS = 53  # single characters: the training texts have too few words to learn pairs of letters
HIDDEN = 256
DECODER_DIM = 384
DECODER_LAYERS = 6


def language_model_config() -> Qwen3Config:
    """The language model's configuration, with every entry of Soprano's `config.json`."""
    return Qwen3Config(
        architectures=["Qwen3ForCausalLM"],
        vocab_size=AUDIO_OFFSET + AUDIO_TOKENS + TEXT_TOKENS,
        hidden_size=HIDDEN,
        intermediate_size=3 * HIDDEN,
        num_hidden_layers=5,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=64,
        max_position_embeddings=1024,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        tie_word_embeddings=False,
        bos_token_id=STOP,
        eos_token_id=STOP,
        pad_token_id=STOP,
        use_cache=False,
    )
