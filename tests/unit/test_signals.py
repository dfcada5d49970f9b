"""Signs that call for care: which messages show them, which do not, and what they change."""

from __future__ import annotations

import pytest

from actions.tickets.routing.classifier import Guess
from actions.tickets.routing.rules import Facts, route
from actions.tickets.routing.signals import SIGNALS, TREATMENTS, Sign, Signal, raised, team
from assistant.dialogue.signs import care_text, signs_in
from core.languages import LANGUAGES, detect_language

SHOWN = {
    "crisis": [
        "I don't want to live any more because of these debts",
        "I am thinking about ending it all",
        "我不想活了",
        "欠这么多钱，真想轻生",
    ],
    "scam": [
        "Someone on the phone is telling me to move my money to a safe account",
        "a man says he is from the bank and wants me to install AnyDesk",
        "I just gave my code to a caller",
        "they asked me for my PIN and password",
        "he said he's from the police and I must transfer everything",
        "有人让我把钱转到安全账户",
        "自称公安的人要我转账",
        "我把验证码告诉了对方",
        "对方叫我下载软件共享屏幕",
    ],
    "bereavement": [
        "my father passed away last week",
        "I lost my husband in March",
        "My mum died yesterday",
        "the account of my late wife",
        "我父亲上周去世了",
        "老伴过世了，账户怎么处理",
    ],
    "illness": [
        "I am in hospital and cannot come to the branch",
        "my wife has cancer",
        "I was diagnosed with MS",
        "我确诊了癌症，没法去网点",
        "我妈住院了",
    ],
    "hardship": [
        "I lost my job and cannot pay my mortgage",
        "I can't afford the instalments any more",
        "we are struggling to pay the bills",
        "我失业了，还不起房贷",
        "这个月没钱还贷款",
        "信用卡被催收",
    ],
    "anger": [
        "this is ridiculous, the third time I ask",
        "your service is useless",
        "I AM WAITING SINCE MONDAY AND NOBODY ANSWERS",
        "你们服务太差了",
        "气死我了，没人管",
    ],
    "urgency": [
        "I need this urgently",
        "please do it right now, I am at the till",
        "我急用这笔钱",
        "请马上处理，很急",
    ],
}
NOT_SHOWN = [
    "how long does a new card take",
    "how do I recognise a scam?",
    "I lost my card",
    "I can't pay with my card abroad",
    "I lost my mother's card",
    "what happens to a joint account when one owner dies?",
    "the agent told me to send the form to you",
    "the shop asked me to pay again",
    "please transfer me to a person",
    "I shared my account with my wife",
    "someone used my card at a shop",
    "my transfer is late",
    "I forgot my PIN",
    "怎么识别诈骗",
    "我的卡丢了",
    "怎么办理挂失",
    "提前还款有违约金吗",
    "我忘记密码了",
    "我要投诉",
    "我要转账",
    "有人盗刷了我的卡",
    "怎么修改密码",
]


@pytest.mark.parametrize(
    ("signal", "text"), [(signal, text) for signal, texts in SHOWN.items() for text in texts]
)
def test_a_message_shows_its_sign(signal: str, text: str) -> None:
    assert signal in [sign.signal for sign in signs_in(text, detect_language(text))]


@pytest.mark.parametrize("text", NOT_SHOWN)
def test_everyday_messages_show_none(text: str) -> None:
    assert signs_in(text, detect_language(text)) == []


def test_the_words_that_gave_a_sign_are_its_reason() -> None:
    assert (
        signs_in("sadly my father passed away", "en")[0].reason.en
        == "sign of bereavement: “passed away”"
    )


def test_the_gravest_sign_names_the_team_and_raises_the_priority() -> None:
    signs = signs_in(
        "I lost my job and a caller wants me to transfer money to a safe account", "en"
    )
    assert team(signs) == "fraud"
    assert raised("low", signs) == "urgent"
    assert raised("urgent", [Sign("anger", "useless")]) == "urgent"


def test_a_ticket_keeps_the_sign_that_raised_it() -> None:
    guess = Guess("service_request", 0.9, [("accounts", 0.7)])
    routing = route(
        Facts("my statement is missing", signs=[Sign("illness", "in hospital")]), [], guess=guess
    )
    assert (routing.queue, routing.priority) == ("accounts", "high")
    assert "sign of illness: “in hospital”" in [reason.en for reason in routing.reasons]


@pytest.mark.parametrize("signal", [one for one in SIGNALS if TREATMENTS[one].handoff])
def test_a_person_who_takes_over_is_announced_with_what_to_do_now(signal: Signal) -> None:
    assert all(care_text(signal, language) for language in LANGUAGES)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text", ["a " * 5000, "他让我" * 3000, "someone asked " * 700, "(" * 10_000, "NO " * 3000]
)
def test_reading_a_long_message_takes_no_time(text: str) -> None:
    signs_in(text, "en")
