"""The index on disk: a folder for each snapshot, written beside and renamed, with a checksum of every file.

A snapshot that is torn, of another knowledge base, encoder or format is not read; the index is then built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import structlog

from core.languages import LANGUAGES
from knowledge_base.catalogue import Card
from knowledge_base.index import KnowledgeIndex
from knowledge_base.lexical import LexicalIndex, Segment
from knowledge_base.vectors import FaissVectors

FORMAT = 1
MANIFEST, VECTORS, ROWS, CARDS = "manifest.json", "vectors.faiss", "rows.npz", "cards.json"
log = structlog.get_logger(__name__)


def save(folder: Path, index: KnowledgeIndex, identity: UUID) -> Path:
    """Write a snapshot; the former ones are removed when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    being_written = folder / f".{uuid4().hex}"
    being_written.mkdir()
    try:
        _write(being_written, index)
        manifest = {
            "format": FORMAT,
            "identity": str(identity),
            "encoder": index.encoder,
            "dimensions": index.dimensions,
            "revision": index.revision,
            "layout": index.vectors.layout if index.vectors else None,
            "files": {path.name: _digest(path) for path in sorted(being_written.iterdir())},
        }
        (being_written / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in being_written.iterdir():
            _to_disk(path)
        complete = folder / f"{index.revision:012}-{uuid4().hex[:8]}"
        being_written.rename(complete)
        _to_disk(folder)
    except BaseException:
        shutil.rmtree(being_written, ignore_errors=True)
        raise
    for former in folder.iterdir():
        if former != complete:
            shutil.rmtree(former, ignore_errors=True)
    return complete


def load(folder: Path, identity: UUID, encoder: str, with_vectors: bool) -> KnowledgeIndex | None:
    """The newest snapshot of this knowledge base that is whole; None when there is none."""
    for path in sorted(folder.glob("[0-9]*"), reverse=True) if folder.exists() else []:
        try:
            manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            if reason := _refused(path, manifest, identity, encoder, with_vectors):
                log.warning("snapshot.refused", snapshot=path.name, reason=reason)
                continue
            return _read(path, manifest)
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            RuntimeError,
        ) as error:  # FAISS raises RuntimeError
            log.warning("snapshot.refused", snapshot=path.name, reason=type(error).__name__)
    return None


def _refused(
    path: Path, manifest: dict[str, Any], identity: UUID, encoder: str, with_vectors: bool
) -> str | None:
    """Why a snapshot is not believed."""
    if manifest["format"] != FORMAT:
        return "another format"
    if manifest["identity"] != str(identity):
        return "another knowledge base"
    if manifest["encoder"] != encoder:
        return "another encoder"
    if (manifest["layout"] is not None) != with_vectors:
        return "another vector engine"
    if any(_digest(path / name) != digest for name, digest in manifest["files"].items()):
        return "torn"
    return None


def _write(folder: Path, index: KnowledgeIndex) -> None:
    if index.vectors is not None:
        index.vectors.save(folder / VECTORS)
    cards = [
        asdict(card) if index.catalogue.place_of.get(card.article_id) == place else None
        for place, card in enumerate(index.catalogue.cards)
    ]
    (folder / CARDS).write_text(
        json.dumps(cards, default=str, ensure_ascii=False), encoding="utf-8"
    )
    arrays = {"ids": index.ids, "owner": index.owner, "spans": index.spans}
    for language in LANGUAGES:
        vocabulary, segments = index.lexical[language].dump()
        (folder / f"words.{language}.json").write_text(
            json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8"
        )
        for number, segment in enumerate(segments):
            arrays |= {
                f"{language}.{number}.{name}": getattr(segment, name)
                for name in ("rows", "words", "ends")
            }
    np.savez(folder / ROWS, **arrays)  # type: ignore[arg-type]  # its stubs take a flag's type for every name


def _read(folder: Path, manifest: dict[str, Any]) -> KnowledgeIndex:
    layout = manifest["layout"]
    vectors = FaissVectors.load(folder / VECTORS, layout) if layout else None
    index = KnowledgeIndex(manifest["encoder"], manifest["dimensions"], vectors)
    with np.load(folder / ROWS, allow_pickle=False) as arrays:
        index.ids, index.owner, index.spans = arrays["ids"], arrays["owner"], arrays["spans"]
        for language in LANGUAGES:
            vocabulary = json.loads((folder / f"words.{language}.json").read_text(encoding="utf-8"))
            count = sum(
                name.startswith(f"{language}.") and name.endswith(".rows") for name in arrays.files
            )
            segments = [
                Segment(
                    *(arrays[f"{language}.{number}.{name}"] for name in ("rows", "words", "ends"))
                )
                for number in range(count)
            ]
            index.lexical[language] = LexicalIndex.restored(vocabulary, segments)
    cards = json.loads((folder / CARDS).read_text(encoding="utf-8"))
    index.restore_cards([None if card is None else _card(card) for card in cards])
    index.revision = manifest["revision"]
    return index


def _card(stored: dict[str, Any]) -> Card:
    moments = {
        n: datetime.fromisoformat(stored[n]) if stored[n] else None
        for n in ("valid_from", "valid_until")
    }
    return Card(**{**stored, **moments, "article_id": UUID(stored["article_id"])})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
