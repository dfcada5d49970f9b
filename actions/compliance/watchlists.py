"""Reading published watchlists: OFAC's SDN list, the EU's and the UN's consolidated lists, OpenSanctions' simple targets.

Each reader yields entries and what it refuses, with the reason. XML is read element by element with defusedxml, so that a
large list costs no memory and a hostile one does no harm.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from prefixdate import parse as parse_prefix
from prefixdate import parse_formats
from rigour.territories import lookup_territory

from actions.name_matching.comparison import EntityType
from core.errors import Invalid

Format = Literal["ofac_sdn", "eu_fsf", "un_sc", "opensanctions"]
MAX_NAMES = 100  # of an entry
_KINDS: dict[str, EntityType] = {
    "individual": "person",
    "entity": "organisation",
    "vessel": "organisation",
    "aircraft": "organisation",
    "person": "person",
    "enterprise": "organisation",
}
_PERSON_SCHEMA = "Person"
_NOT_SCREENED = frozenset(
    {"Address", "CryptoWallet", "Identification", "Security", "Position", "Occupancy"}
)


@dataclass(frozen=True)
class Listed:
    """An entry as a list has it: dates as far as they are known (1957, 1957-12, 1957-12-19), countries by two letters."""

    source_id: str
    type: EntityType
    names: tuple[str, ...]
    birth_dates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """An entry that cannot be used, and why."""

    where: str
    reason: str


def read_list(content: IO[bytes], form: Format) -> Iterator[Listed | Refusal]:
    """Entries of a file; Invalid when it is not of this format at all."""
    try:
        yield from _READERS[form](content)
    except ParseError as error:
        raise Invalid.field("file", "watchlist.not_xml", error=str(error)) from error
    except DefusedXmlException as error:
        raise Invalid.field("file", "watchlist.entities") from error
    except UnicodeDecodeError as error:
        raise Invalid.field("file", "file.not_utf8") from error


def _ofac(content: IO[bytes]) -> Iterator[Listed | Refusal]:
    for entry in _elements(content, "sdnEntry", root="sdnList"):
        names = [_joined(entry, "firstName", "lastName")]
        names += [_joined(aka, "firstName", "lastName") for aka in entry.iterfind("akaList/aka")]
        born = [
            item.findtext("dateOfBirth", "")
            for item in entry.iterfind("dateOfBirthList/dateOfBirthItem")
        ]
        countries = [
            e.text or ""
            for path in (
                "nationalityList/nationality/country",
                "citizenshipList/citizenship/country",
                "addressList/address/country",
            )
            for e in entry.iterfind(path)
        ]
        yield _entry(
            entry.findtext("uid", ""), entry.findtext("sdnType", ""), names, born, countries
        )


def _eu(content: IO[bytes]) -> Iterator[Listed | Refusal]:
    for entry in _elements(content, "sanctionEntity", root="export"):
        names = [
            alias.get("wholeName")
            or " ".join(filter(None, (alias.get("firstName"), alias.get("lastName"))))
            for alias in entry.iterfind("nameAlias")
        ]
        born = [
            date.get("birthdate") or date.get("year") or "" for date in entry.iterfind("birthdate")
        ]
        countries = [e.get("countryIso2Code", "") for e in entry.iterfind("citizenship")]
        subject = entry.find("subjectType")
        yield _entry(
            entry.get("logicalId", ""),
            subject.get("code", "") if subject is not None else "",
            names,
            born,
            countries,
        )


def _un(content: IO[bytes]) -> Iterator[Listed | Refusal]:
    parts = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
    for entry in _elements(content, "INDIVIDUAL", "ENTITY", root="CONSOLIDATED_LIST"):
        kind = entry.tag.lower()
        names = [_joined(entry, *parts), entry.findtext("NAME_ORIGINAL_SCRIPT", "")]
        names += [
            alias.findtext("ALIAS_NAME", "") for alias in entry.iterfind(f"{entry.tag}_ALIAS")
        ]
        born = [
            date.findtext("DATE") or date.findtext("YEAR") or ""
            for date in entry.iterfind("INDIVIDUAL_DATE_OF_BIRTH")
        ]
        countries = [e.text or "" for e in entry.iterfind("NATIONALITY/VALUE")]
        yield _entry(entry.findtext("DATAID", ""), kind, names, born, countries)


def _opensanctions(content: IO[bytes]) -> Iterator[Listed | Refusal]:
    rows = csv.DictReader(io.TextIOWrapper(content, "utf-8-sig", newline=""))
    missing = {"id", "schema", "name", "aliases", "birth_date", "countries"} - set(
        rows.fieldnames or ()
    )
    if missing:
        raise Invalid.field("file", "watchlist.columns_missing", columns=sorted(missing))
    for row in rows:
        if row["schema"] in _NOT_SCREENED:
            continue
        names = [row["name"] or "", *(row["aliases"] or "").split(";")]
        kind = "person" if row["schema"] == _PERSON_SCHEMA else "entity"
        born, countries = ((row[column] or "").split(";") for column in ("birth_date", "countries"))
        yield _entry(row["id"] or "", kind, names, born, countries)


_READERS: dict[Format, Callable[[IO[bytes]], Iterator[Listed | Refusal]]] = {
    "ofac_sdn": _ofac,
    "eu_fsf": _eu,
    "un_sc": _un,
    "opensanctions": _opensanctions,
}


def _elements(content: IO[bytes], *tag_name: str, root: str) -> Iterator[Element]:
    """Elements of these names without their namespaces, each forgotten after it was read; Invalid for another root."""
    top: Element | None = None
    for event, element in iterparse(content, events=("start", "end")):
        if event == "start":
            if top is None:
                top = element
                if _local(element.tag) != root:
                    raise Invalid.field(
                        "file", "watchlist.wrong_root", actual=_local(element.tag), expected=root
                    )
            continue
        element.tag = _local(element.tag)
        if element.tag in tag_name:
            yield element
            element.clear()


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _joined(entry: Element, *parts: str) -> str:
    return " ".join(filter(None, (entry.findtext(part, "").strip() for part in parts)))


def _entry(
    source_id: str, kind: str, names: list[str], born: list[str], countries: list[str]
) -> Listed | Refusal:
    cleaned = tuple(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))[
        :MAX_NAMES
    ]
    if not source_id.strip():
        return Refusal(cleaned[0] if cleaned else "an entry", "it has no number of its own")
    if not cleaned:
        return Refusal(source_id, "it has no name")
    if kind.lower() not in _KINDS:
        return Refusal(
            source_id, f"its kind is {kind or 'not said'}: neither a person nor an organisation"
        )
    dates = tuple(dict.fromkeys(filter(None, map(_date, born))))
    codes = tuple(dict.fromkeys(filter(None, map(_country, countries))))
    return Listed(source_id.strip(), _KINDS[kind.lower()], cleaned, dates, codes)


def _date(text: str) -> str | None:
    """As much of a date as is certain: `19 Dec 1957`, `1957`, `circa 1957`, `1957-12-19T00:00:00`."""
    plain = text.strip().removeprefix("circa ").split("T")[0]
    if " to " in plain:  # a range of years is evidence for none of them
        return None
    parsed = (
        parse_prefix(plain).text
        or parse_formats(plain, ["%d %b %Y", "%b %Y", "%d/%m/%Y", "%Y"]).text
    )
    return str(parsed) if parsed else None


def _country(text: str) -> str | None:
    territory = lookup_territory(text.strip()) if text.strip() else None
    return str(territory.code).upper()[:2] if territory else None
