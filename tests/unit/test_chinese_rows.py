"""The bundled encoder's Chinese: rows of its own, and English that does not notice them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.chinese_rows import add_chinese, read_rows, write_rows
from knowledge_base.encoder import Encoder, bundled_model

ENGLISH = [
    "Where is my card?",
    "I'd like to repay €5,000 of my mortgage early - what does it cost?",
    "naïve café, 100 % RISK-FREE... zu Hause?",
    "",
    "a" * 2_000,
]


def test_english_vectors_stay_the_same_bit_for_bit() -> None:
    plain = bundled_model().encode(ENGLISH, normalize_embeddings=True)
    extended = add_chinese(bundled_model()).encode(ENGLISH, normalize_embeddings=True)
    assert np.array_equal(plain, extended)


@pytest.mark.parametrize(
    ("chinese", "english", "other"),
    [
        ("我的卡丢了", "I lost my card", "How do I open a savings account?"),
        (
            "提前还房贷要收费吗",
            "Is there a fee for early repayment of my mortgage?",
            "My card is not working",
        ),
        ("网点几点关门", "When does the branch close?", "What is the exchange rate?"),
    ],
)
async def test_chinese_lands_where_its_english_counterpart_does(
    chinese: str, english: str, other: str
) -> None:
    encoder = Encoder()
    asked, same, different = await encoder.encode_all([chinese, english, other])
    assert asked @ same > asked @ different + 0.1
    encoder.close()


def test_rows_come_back_as_they_were_kept(tmp_path: Path) -> None:
    rows = np.array([[0.5, -0.25, 0.0], [0.001, 0.002, -0.003]], np.float32)
    write_rows(["卡", "余额"], rows, tmp_path / "rows.npz")
    words, read = read_rows(tmp_path / "rows.npz")
    assert words == ["卡", "余额"]
    assert np.abs(read - rows).max() < 0.003
