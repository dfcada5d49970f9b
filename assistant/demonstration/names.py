"""Invented names in Latin and Chinese script."""

from __future__ import annotations

from random import Random

from pypinyin import lazy_pinyin

GIVEN_NAMES = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Karla",
    "Leon",
    "Mira",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Samuel",
    "Tilda",
    "Viktor",
    "Wanda",
    "Yannis",
    "Zora",
    "Adam",
    "Bianca",
    "Cyril",
    "Dora",
    "Emil",
    "Flora",
    "Gustav",
    "Helena",
    "Ivan",
    "Judith",
    "Kasper",
    "Lucia",
    "Marek",
    "Nora",
    "Otto",
    "Petra",
    "Rafael",
    "Selma",
    "Tobias",
    "Ulla",
    "Vera",
    "Walter",
    "Xenia",
    "Amir",
    "Layla",
    "Omar",
    "Samira",
    "Yusuf",
    "Nadia",
    "Igor",
    "Daria",
    "Pavel",
]
FAMILY = [
    "Abel",
    "Berger",
    "Castell",
    "Dorn",
    "Ekholm",
    "Ferrand",
    "Gallo",
    "Hartwig",
    "Ibsen",
    "Jansen",
    "Kowal",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Orlov",
    "Pintér",
    "Quint",
    "Rossi",
    "Steiner",
    "Tamm",
    "Ullmann",
    "Varga",
    "Wolff",
    "Zeller",
    "Almeida",
    "Brandt",
    "Costa",
    "Delacroix",
    "Eriksen",
    "Fontana",
    "Grimaldi",
    "Haddad",
    "Ivanov",
    "Jokinen",
    "Kaya",
    "Larsen",
    "Marković",
    "Nagy",
    "Oliveira",
    "Petrenko",
    "Rahimi",
    "Sokolov",
    "Tkachenko",
    "Urban",
    "Volkov",
    "Wieczorek",
    "Yilmaz",
    "Zieliński",
    "Aslan",
    "Bakker",
]
FAMILY_ZH = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN_NAMES_ZH = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文辉建国玉兰志鹏雪梅晓宇浩然子涵雨欣思远嘉怡俊峰慧颖"
COMPANY_WORDS = [
    "Meridian",
    "Baltic",
    "Orion",
    "Silk",
    "Harbour",
    "Amber",
    "Delta",
    "Polar",
    "Cedar",
    "Falcon",
    "Lotus",
    "Granite",
    "Azure",
    "Summit",
    "Vector",
]
COMPANY_KINDS = [
    "Trading",
    "Shipping",
    "Logistics",
    "Energy",
    "Metals",
    "Holdings",
    "Finance",
    "Exports",
    "Industries",
    "Aviation",
]
COMPANY_FORMS = ["Ltd", "LLC", "GmbH", "SA", "FZE", "Co.", "OOO"]


def latin_name(random: Random) -> str:
    """Given and family name."""
    return f"{random.choice(GIVEN_NAMES)} {random.choice(FAMILY)}"


def chinese_name(random: Random) -> tuple[str, str]:
    """(name in Han characters, its pinyin with the given name first as on a passport's card)."""
    family = random.choice(FAMILY_ZH)
    given_name = "".join(random.sample(GIVEN_NAMES_ZH, random.choice((1, 2, 2))))
    return (
        family + given_name,
        f"{''.join(lazy_pinyin(given_name)).capitalize()} {lazy_pinyin(family)[0].capitalize()}",
    )


def company_name(random: Random) -> str:
    """An invented company with its form."""
    return f"{random.choice(COMPANY_WORDS)} {random.choice(COMPANY_WORDS)} {random.choice(COMPANY_KINDS)} {random.choice(COMPANY_FORMS)}"


def misspelt(name: str, random: Random) -> str:
    """The name with one letter doubled, dropped or swapped."""
    position = random.randrange(1, max(2, len(name) - 1))
    match random.randrange(3):
        case 0:
            return name[:position] + name[position - 1] + name[position:]
        case 1:
            return name[:position] + name[position + 1 :]
    return (
        name[: position - 1]
        + name[position : position + 1]
        + name[position - 1]
        + name[position + 1 :]
    )
