"""A message that would only be answered: what its words hint at is offered, a matter can be passed on, a wish begins a ticket."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from actions.tickets.models import Ticket
from assistant.dialogue import lexicon
from assistant.dialogue.commands import StartFlow
from assistant.dialogue.outputs import Doubt, Outcome, Reply
from assistant.dialogue.readings import Clause
from assistant.dialogue.state import EffectDone
from assistant.dialogue.understanding import with_a_request
from tests.dialogue import Talk, card, clause


def open_ticket() -> Ticket:
    return Ticket(
        id=uuid4(),
        reference="T-100800",
        subject="Statement for March",
        description="the statement for March never came",
        state="open",
        tags=[],
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def question(turn):
    """The arguments of the last question of a turn."""
    return [call.arguments for call in turn.calls if call.operation == "knowledge.answer"][-1]


@pytest.mark.parametrize(
    ("words", "flow"),
    [
        ("I have the invoice number now, please add it to my ticket", "add_to_ticket"),
        ("about my complaint: the manager has rung me since, put that in as well", "add_to_ticket"),
        ("ticket 100800 - note that it was two letters", "add_to_ticket"),
        ("the case from Monday can be closed, the letter came", "close_ticket"),
        ("please withdraw the complaint I made last week", "close_ticket"),
        ("my request is no longer needed, you may drop it", "close_ticket"),
        ("那张工单里请补充一下，我又收到一封信", "add_to_ticket"),
        ("前面那个申请，地址麻烦备注一下", "add_to_ticket"),
        ("那个投诉撤了吧，已经解决了", "close_ticket"),
        ("工单不用处理了，我自己弄好了", "close_ticket"),
        ("十月账单那个工单关了吧，我自己下到了", "close_ticket"),
        ("the ticket about my transfer can be closed", "close_ticket"),
    ],
)
def test_words_about_an_existing_ticket_begin_no_new_one(words, flow):
    language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in words) else "en"
    talk = Talk(language, tickets=[open_ticket()])
    turn = talk.say(clause(words, "report_fraud", confidence=0.9))
    assert [one.flow for one in turn.commands if isinstance(one, StartFlow)] == [flow]
    assert turn.operations == []
    assert turn.state.frame.waiting in ("confirmation", "note")


@pytest.mark.parametrize(
    ("words", "intent", "confidence"),
    [
        ("please reopen my ticket that you closed", "open_ticket", 0.5),
        ("my card is lost, report it and cancel it please", "report_lost_card", 0.95),
        ("please cancel my transfer request", "ask_question", 0.5),
        ("there is no reason my complaint takes three weeks", "make_complaint", 0.9),
        ("please record my complaint about the Mill Street branch", "make_complaint", 0.9),
        ("我的工单被关了，请重新打开", "open_ticket", 0.5),
        ("上个月的账单麻烦取消年费", "open_ticket", 0.5),
        ("昨天卡被偷我报警了，请把卡作废掉", "report_lost_card", 0.95),
    ],
)
def test_words_about_something_else_neither_close_a_ticket_nor_add_to_one(
    words, intent, confidence
):
    language = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in words) else "en"
    talk = Talk(language, tickets=[open_ticket()], cards=[card("4411")])
    turn = talk.say(clause(words, intent, confidence=confidence))
    begun = {one.flow for one in turn.commands if isinstance(one, StartFlow)}
    assert begun.isdisjoint({"add_to_ticket", "close_ticket"})


@pytest.mark.parametrize(
    ("words", "stance"),
    [
        ("please don't close my ticket yet", "negated"),
        ("how do I add something to a ticket?", "asked"),
        ("why did you close my complaint?", "asked"),
        ("我的工单别关", "negated"),
        ("怎么补充工单内容？", "asked"),
    ],
)
def test_what_is_forbidden_or_asked_begins_nothing(words, stance):
    language = "zh" if "单" in words else "en"
    talk = Talk(language, tickets=[open_ticket()])
    turn = talk.say(clause(words, "ask_question", stance))
    assert not [one for one in turn.commands if isinstance(one, StartFlow)]


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_wish_that_no_article_answers_begins_a_ticket_that_waits_for_a_yes(signed_in):
    words = "the machine in Mill Street kept 40 euros of mine, please look into it"
    talk = Talk(signed_in=signed_in)
    arguments = question(talk.say(clause(words, "statement", evidence=False)))
    begins = arguments["otherwise"]
    assert (begins.flow, begins.slots) == ("open_ticket", {"description": words})
    unanswered = Talk(
        signed_in=signed_in, outcomes={"knowledge.answer": Outcome((Reply(""),), begins=begins)}
    )
    turn = unanswered.say(clause(words, "statement", evidence=False))
    assert turn.state.frame.flow == "open_ticket"
    assert turn.state.frame.waiting == ("confirmation" if signed_in else "contact")
    assert "tickets.open" not in turn.operations


@pytest.mark.parametrize(
    ("words", "intent", "stance", "language"),
    [
        ("what does a transfer abroad cost?", "ask_question", "asked", "en"),
        ("I would like to know what a transfer abroad costs", "ask_question", "asserted", "en"),
        ("my mother wants her letter sent again", "statement", "reported", "en"),
        ("the weather is awful today, please", "out_of_scope", "asserted", "en"),
        ("I want to thank your colleague for the help yesterday", "statement", "asserted", "en"),
        ("I expect my salary to arrive on Friday as always", "statement", "asserted", "en"),
        ("I need to leave for the airport in an hour", "statement", "asserted", "en"),
        ("问题已经解决了，谢谢你们的耐心帮助", "statement", "asserted", "zh"),
        ("我今天请假在家里带孩子休息", "statement", "asserted", "zh"),
        ("我想了解一下寄到国外的转账要收多少钱", "ask_question", "asserted", "zh"),
        ("寄到国外的转账要多少钱？", "ask_question", "asked", "zh"),
        ("1999年的歌唱比赛到底谁赢了", "ask_question", "asserted", "zh"),
    ],
)
def test_a_question_begins_no_ticket(words, intent, stance, language):
    turn = Talk(language).say(clause(words, intent, stance, evidence=False))
    assert question(turn)["otherwise"] is None


@pytest.mark.parametrize(
    ("words", "stance", "language"),
    [
        ("could somebody check why my standing order never went out?", "asked", "en"),
        ("the till in Mill Street has been broken for a week", "asserted", "en"),
        ("能不能帮我查一下工资为什么还没到账？", "asked", "zh"),
        ("你们绿化路的机器已经坏了一个星期了", "asserted", "zh"),
    ],
)
def test_a_matter_can_be_passed_on_beside_the_answer(words, stance, language):
    turn = Talk(language).say(clause(words, "ask_question", stance, evidence=False))
    assert question(turn)["suggest"] == ["open_ticket"]


@pytest.mark.parametrize(
    ("words", "language", "hinted"),
    [
        ("Letters still go to the old address, we moved in May", "en", "change_contact_details"),
        ("以后对账信都寄到新地址吧，我上个月搬家了", "zh", "change_contact_details"),
        ("somebody has to go over the mortgage papers with me", "en", "book_appointment"),
        ("想和你们贷款的同事当面聊一聊提前还款的事", "zh", "book_appointment"),
        ("my purse got nicked at the gym with the Visa in it", "en", "report_lost_card"),
        ("钱包落在出租车上了，里面有你们的卡", "zh", "report_lost_card"),
    ],
)
def test_what_words_hint_at_is_offered_and_nothing_is_begun(words, language, hinted):
    talk = Talk(language, cards=[card("4411")])
    turn = talk.say(clause(words, "statement", evidence=False, confidence=0.4))
    assert question(turn)["suggest"][0] == hinted
    assert question(turn)["otherwise"] is None
    assert turn.state.frame is None


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("there are only 200 euros left on my credit card now", "en"),
        ("I must have typed the letters on my new keyboard wrong", "en"),
        ("我上周从纽约汇了一笔钱回家里面", "zh"),
        ("我这个月已经把信用卡的钱还掉了", "zh"),
    ],
)
def test_ordinary_words_hint_at_nothing(words, language):
    turn = Talk(language, cards=[card("4411")]).say(
        clause(words, "statement", evidence=False, confidence=0.4)
    )
    assert set(question(turn)["suggest"]) <= {"open_ticket"}


@pytest.mark.parametrize("opened_here", [True, False])
def test_an_addition_is_hinted_at_where_a_ticket_was_opened_here(opened_here):
    talk = Talk(tickets=[open_ticket()])
    if opened_here:
        done = EffectDone(id="1", operation="tickets.open", arguments={})
        talk.state = talk.state.model_copy(update={"effects": (done,)})
    words = "one more thing, it happened on the tablet as well as on the phone"
    turn = talk.say(clause(words, "statement", evidence=False, confidence=0.4))
    assert ("add_to_ticket" in question(turn)["suggest"]) is opened_here


def test_the_reply_says_that_a_message_can_be_passed_on():
    doubt = Outcome((Reply(""),), doubt=Doubt("the till", can_pass_on=True))
    turn = Talk(outcomes={"knowledge.answer": doubt}).say(
        clause("the till in the branch is broken again", "statement", evidence=False)
    )
    assert turn.text == (
        "I don't have an answer to that, but I can pass it on to a colleague as a ticket."
    )


@pytest.mark.parametrize(
    "words",
    [
        "but my balance is down by 300 and no notes came out",
        "and move all that is left to my current account",
    ],
)
def test_a_trouble_that_mentions_balances_shows_none(words):
    turn = Talk().say(clause(words, "show_balance", evidence=False))
    assert "accounts.show" not in turn.operations


@pytest.mark.parametrize(
    "words",
    [
        "my balance",
        "balance on my savings account",
        "I would like my account balance",
        "show me what is in my accounts right now please",
    ],
)
def test_a_request_for_balances_shows_them(words):
    assert "accounts.show" in Talk().say(clause(words, "show_balance")).operations


@pytest.mark.parametrize("confidence", [0.45, 0.7])
def test_a_task_without_evidence_begins_only_where_it_is_likely(confidence):
    words = "you'd better hang it up for me"
    turn = Talk().say(clause(words, "book_appointment", evidence=False, confidence=confidence))
    assert (turn.state.frame is not None) is (confidence > 0.5)


WISHES_FOR_A_LANGUAGE = [
    ("I'd feel better if we went on in Chinese", True),
    ("Chinese would be easier for me", True),
    ("Mandarin is possible? I want this", True),
    ("麻烦后面换English", True),
    ("用英语可以讲吗", True),
    ("flying out over Chinese New Year, please note it", False),
    ("can I have the contract in English?", False),
    ("is there anybody at the branch who speaks Chinese?", False),
    ("I can't read Chinese", False),
    ("please don't switch to Chinese", False),
    ("Can I invest in Chinese stocks?", False),
    ("my mother prefers to read in Chinese", False),
    ("跟柜员讲英语听得懂吗", False),
    ("合同能换成英文的吗", False),
    ("请不要用英语回复我", False),
    ("账户名可以改成英文吗", False),
    ("为什么换成英文了，请改回来", False),
]


@pytest.mark.parametrize(("words", "is_asked"), WISHES_FOR_A_LANGUAGE)
def test_a_language_is_asked_for_where_it_is_that_of_the_conversation(words, is_asked):
    asks = lexicon.asks_for_a_language(words) or lexicon.wishes_for_a_language(words)
    assert asks is is_asked


@pytest.mark.parametrize(
    ("words", "is_wanted"),
    [
        ("I'd rather talk to a human being", True),
        ("is there anyone real there", True),
        ("agent", True),
        ("put me through to your colleague please", True),
        ("让你们真人同事跟我说", True),
        ("有活人没", True),
        ("please pass it to whoever deals with it", False),
        ("it'd be nice to have somebody walk us through it", False),
        ("麻烦找人管管那台机器", False),
    ],
)
def test_a_person_is_fetched_for_words_of_talking_to_one(words, is_wanted):
    assert lexicon.wants_a_person(words) is is_wanted
    language = "zh" if "\u4e00" <= words[0] <= "\u9fff" else "en"
    turn = Talk(language).say(clause(words, "talk_to_person"))
    assert ("handoff.request" in turn.operations) is is_wanted


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("it is not a false alarm", "en"),
        ("I don't believe it sorted itself out", "en"),
        ("这笔真的不是我自己买的", "zh"),
    ],
)
def test_a_denial_that_it_was_nothing_leaves_no_report(words, language):
    assert not lexicon.refuses(words)


@pytest.mark.parametrize(
    "words",
    ["I keep getting scam mails from info@evil.com", "the number 0301234567 called me, I won"],
)
def test_a_guess_begins_no_task_with_a_stranger_s_address(words):
    turn = Talk().say(clause(words, "change_contact_details", evidence=False, confidence=0.45))
    assert turn.state.frame is None


def test_a_likely_change_begins_where_the_new_value_is_there():
    words = "the number you should have for me now is +351 912 004 377"
    turn = Talk().say(clause(words, "change_contact_details", evidence=False, confidence=0.45))
    assert turn.state.frame.flow == "change_contact_details"


def likely(text: str, **changes: object) -> Clause:
    """A report of a lost card without evidence of its own."""
    made = clause(text, "report_lost_card", evidence=False, confidence=0.85)
    return made.model_copy(update={"stance_confidence": 0.8, **changes})


@pytest.mark.parametrize(
    ("report", "request_", "language", "has_evidence"),
    [
        ("my bag went missing with the card", "so please freeze it right away", "en", True),
        ("我的卡在公交上没了", "请你们把它停住", "zh", True),
        ("my wife lost her card", "so please freeze it right away", "en", False),
        ("if my card is lost one day", "please freeze it right away", "en", False),
        ("my bag went missing with the card", "don't freeze it yet", "en", False),
        ("my bag went missing with the card", "what does a new one cost?", "en", False),
        ("block my card", "is that how it is said?", "en", False),
        ("my card is missing", "please cancel my appointment", "en", False),
        ("我的卡落在酒店了", "麻烦你们停止给我发营销短信", "zh", False),
        ("钱包和卡都没了", "我把车停在商场门口", "zh", False),
        ("“我的卡被偷了", "请马上冻结”", "zh", False),
    ],
)
def test_a_likely_report_beside_a_request_to_block_has_evidence(
    report, request_, language, has_evidence
):
    asked = clause(request_, "statement", evidence=False)
    read = with_a_request([likely(report), asked], language)
    assert any(one.evidence for one in read) is has_evidence


@pytest.mark.parametrize(
    ("words", "stance"),
    [
        ("but only if I don't call by tonight", "hypothetical"),
        ("please don't block it", "negated"),
        ("only if it is not at home", "asserted"),
    ],
)
def test_what_holds_a_block_back_takes_the_evidence(words, stance):
    report = likely("my wallet got stolen with the card")
    asked = clause("please freeze it", "statement", evidence=False)
    held = clause(words, "statement", stance, evidence=False)
    assert not any(one.evidence for one in with_a_request([report, asked, held], "en"))


def test_one_clause_is_no_second_cue():
    assert not with_a_request([likely("我的卡掉在你们停车场了")], "zh")[0].evidence


def test_a_report_that_the_reader_doubts_gets_no_evidence_from_a_request():
    doubted = likely("my bag went missing with the card", stance_confidence=0.4)
    asked = clause("so please freeze it right away", "statement", evidence=False)
    assert not any(one.evidence for one in with_a_request([doubted, asked], "en"))


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("false alarm, it was me after all", "en"),
        ("那笔查到了，是我自己忘了，没事了", "zh"),
    ],
)
def test_a_report_that_turns_out_to_be_nothing_is_left(words, language):
    talk = Talk(language)
    report = {
        "en": "there is a payment of 58 euros that I never made",
        "zh": "有笔58块的消费不是我刷的",
    }
    talk.say(clause(report[language], "report_fraud"))
    assert talk.state.frame.waiting == "confirmation"
    turn = talk.say(clause(words, "statement", evidence=False))
    assert turn.state.frame is None
    assert "tickets.open" not in turn.operations


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_language_that_is_spoken_already_is_confirmed_without_an_effect(language):
    words = {"en": "English please", "zh": "请说中文"}[language]
    turn = Talk(language).say(clause(words, "switch_language"))
    assert turn.state.language == language
    assert turn.text


@pytest.mark.parametrize(
    ("words", "intent", "begins"),
    [
        ("could you book me an appointment about a mortgage?", "book_appointment", True),
        ("may I see an adviser at the Linden branch?", "book_appointment", True),
        ("能帮我约个时间谈贷款吗？", "book_appointment", True),
        ("can somebody change my phone number?", "change_contact_details", True),
        ("能不能帮我把手机号换了？", "change_contact_details", True),
        ("can I change my address in the app?", "change_contact_details", False),
        ("could you tell me how an appointment is booked?", "book_appointment", False),
        ("can I book an appointment without an account?", "book_appointment", False),
        ("能在手机上改地址吗？", "change_contact_details", False),
        ("能告诉我怎么预约吗？", "book_appointment", False),
    ],
)
def test_a_request_in_the_form_of_a_question_begins_what_is_confirmed(words, intent, begins):
    language = "zh" if "\u4e00" <= words[0] <= "\u9fff" else "en"
    turn = Talk(language).say(clause(words, intent, "asked", evidence=False, confidence=0.8))
    assert (turn.state.frame is not None) is begins


@pytest.mark.parametrize("intent", ["report_lost_card", "talk_to_person"])
def test_a_request_in_the_form_of_a_question_does_nothing_at_once(intent):
    words = "could you block my card, can I get somebody to talk to?"
    turn = Talk(cards=[card("4411")]).say(clause(words, intent, "asked", evidence=False))
    assert turn.operations == ["knowledge.answer"]


def test_a_matter_is_passed_on_though_only_its_wish_is_asserted():
    told = clause("the machine in Mill Street kept 40 euros of mine,", "statement", "reported")
    wish = clause("please look into it", "ask_question", evidence=False)
    assert "open_ticket" in question(Talk().say(told, wish))["suggest"]


@pytest.mark.parametrize("words", ["请帮我提交吧", "麻烦帮我办理", "提交吧"])
def test_a_wish_to_send_what_was_offered_is_a_yes(words):
    assert lexicon.affirms(words)
