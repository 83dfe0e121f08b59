import subprocess
import sys

import typeguard
from soprano.utils import text_normalizer, text_splitter

from text import upstream as upstream_text


def in_a_new_process(code: str) -> str:
    """Return what `code` prints in a new process."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_text_is_read_without_pytorch() -> None:
    heavy = "[name for name in ('torch', 'transformers', 'soprano') if name in sys.modules]"
    assert in_a_new_process(f"import text.sentences, text.tokenizer, sys; print({heavy})") == "[]"


def test_numbers_are_read_without_type_checks() -> None:
    """With type checks, an argument of the wrong type raises `TypeCheckError`."""
    wrong = "inflect.engine().number_to_words(7, wantlist='yes')"
    assert in_a_new_process(f"import text.sentences, inflect; print({wrong})") == "['seven']"


def test_others_keep_their_type_checks() -> None:
    assert typeguard.typechecked.__module__.startswith("typeguard")


def test_the_modules_are_upstreams() -> None:
    assert upstream_text.text_normalizer.__file__ == text_normalizer.__file__
    assert upstream_text.text_splitter.__file__ == text_splitter.__file__
