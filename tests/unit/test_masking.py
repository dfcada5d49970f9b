"""What is masked before anything is stored, and what stays although it looks alike."""

from __future__ import annotations

import re

import pytest

from assistant.dialogue.card_numbers import has_issuer, passes_luhn
from assistant.dialogue.masking import HIDDEN, mask
from assistant.dialogue.readings import MaskedKind

# What is masked stands in braces.
CARDS = """
    My card {4111111111111111} was declined
    My card {2221000000000009} was declined
    card {6200000000000000000} (19 digits)
    {4111 1111 1111 1111}
    {4111-1111-1111-1111} please block it
    {4111.1111.1111.1111}
    {4111/1111/1111/1111}
    {4111_1111_1111_1111}
    {1234-5678-1234-5678}
    {6011 5776 3171 1174}
    {3782 822463 10005}
    amex {378282246310005} does not work abroad
    {30569309025904}
    {5555555555554444}
    {3530111333300000}
    the number is {4242424242424242}, expiry 12/27
    {4111 1111\n1111 1111}
    {4111\u200b1111\u200b1111\u200b1111}
    {4\u200b1\u200b1\u200b1 1111 1111 1111}
    {４１１１１１１１１１１１１１１１}
    {４１１１　１１１１　１１１１　１１１１}
    {4111–1111–1111–1111}
    {4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1}
    my card is {411 111 111 111 111 1}
    my debit card no. {41 11 11 11 11 11 11 11} is not accepted
    card number {4111111111111112} with a slip of the finger
    card{4111111111111111}
    mycardis{4111111111111111}
    visa-{4111111111111111}
    ({4111 1111 1111 1111})
    {4111 1111 1111 1111}.
    two cards: {4111111111111111} and {5555555555554444}
    {4111111111111111}, {5555555555554444}
    order number for my new card {4111111111111111}
    order no. {4111 1111 1111 1111}
    four one one one: {four one one one one one one one one one one one one one one one}
    1. {4111 1111 1111 1111}
    卡号：{６２１２３４５６７８９０１２３２}
    我的卡{6212345678901232}丢了
    卡号{6222021234567890128}
    账号{6222021234567890128}转不了账
    帳號{6222021234567890128}
    银行卡{6212 3456 7890 1232}被盗刷了
    信用卡 {4111-1111-1111-1111} 挂失
    {4111111111111111}这张卡不能用
    我的信用卡是{４１１１１１１１１１１１１１１１}
    卡號是{4111 1111 1111 1111}，麻煩查一下
    卡号{四一一一一一一一一一一一一一一一}
    {٤١١١١١١١١١١١١١١١}
    订单号 {4111 1111 1111 1111}
"""
CODES: dict[MaskedKind, str] = {
    "pin": """
    my pin is {1234}
    {1234} is my PIN
    my pin is {one two three four}
    My PIN: {4821}
    PIN {4821} does not work
    pin={4821}
    PIN code {4821}
    pin number is {4821}
    PIN - {4821}
    my pin ({4821}) was refused
    the PIN for the debit card is {9876}
    my pin that I have used for years is {4821}
    I changed my PIN from {1234} to {4321}
    I tried the pin with {1234}
    I set {4821} as my new PIN
    use {4821} as pin
    I entered {4821} for the PIN
    my pin is {１２３４}
    my p\u200bin is {1234}
    my pin is {1 2 3 4}
    my pin is {1-2-3-4}
    my pin is {four eight two one}
    my pin is {double four two one}
    my pin is {twelve thirty-four}
    my pin is {1234} or {4321}
    my pin is "{1234}"
    I entered pin {1234} 3 times
    my PIN is still {1234}
    MY PIN IS {1234}!!!
    P.I.N. {1234}
    pin\n{1234}
    PIN{1234}
    取款密码是{123456}
    取款密碼{123456}
    提款密碼係{123456}
    交易密码：{654321}
    卡的密码是{123456}
    银行卡密码{一二三四五六}
    我的PIN是{1234}
    PIN码{1234}
    {1234}是我的取款密码
    把取款密码改成{112233}
    支付密码设成了{112233}
    六位密码是{112233}吗
    我的PIN 碼是 {１２３４}
    ATM密码我输的是{887766}
""",
    "security_code": """
    cvv {123}
    CVV: {123}
    my cvc is {123}
    the security code is {1234}
    security code {123}
    the three digits on the back are {123}
    the code on the back is {123}
    {123} is the cvv
    {123} (cvv)
    CVV2 {９８７}
    cvv{123}
    the 3-digit code is {123}
    安全码{123}
    安全码是{一二三}
    安全碼：{123}
    CVV是{123}
    背面的三位数是{123}
    卡背面三位数字：{123}
    信用卡验证码{123}
    {123}是安全码
""",
    "one_time_code": """
    the code is {482913}
    code: {482913}
    the code {482913} is refused
    Your verification code is {482913}. Do not share it
    {482913} is your verification code
    otp {482913}
    OTP is {482913}
    my one-time password is {482913}
    one time code {48 29 13}
    I got the code {482 913} by text
    use {482913} as the code
    sms code {482913}
    I typed {482913} as the code
    the 6-digit code was {482913}
    they texted me {482913}
    TAN {482913}
    the code is {A7B9QX}
    the code is {four eight two nine one three}
    2fa code {482913}
    验证码是{482913}
    验证码{482913}
    驗證碼：{482913}
    您的验证码是{482913}，5分钟内有效
    我收到的验证码是 {482913}
    短信验证码{482 913}
    动态密码{482913}
    一次性密码是{482913}
    验证码{四八二九一三}
    {482913}是验证码
    {482913}这个验证码不对
    校验码 {482913}
    动态口令为{482913}
    输入{482913}作为验证码
    验证码填的是{482913}
    验\u200b证码{482913}
""",
    "password": """
    my password is {hunter2}
    password: {S3cret!}
    pwd={abc123}
    password {hunter2} does not work
    the password is "{correct horse}"
    my password is {sunshine}
    my password is {sunshine}, why can't I log in
    my passcode is {123456}
    password {20242024}
    I changed my password from {Abc123} to {Def456}
    I set {Abc12345} as my password
    {hunter2} is my password
    password = {p@ssw0rd}
    my online password was {Tr0ub4dor}.
    passphrase is {correct horse battery staple}
    memorable word: {fluffy}
    my password is {pass!word}
    密码一直是{abc123}
    密码{123456}
    密码一二三四: {密码一二三四}
    密码是{abc123}
    我的密碼是{Abc12345}，為什麼登不上
    登录密码：{Qwerty!1}
    密码改成{888888}了
    密码是{qwerty}
    {888888}是我的密码
    网银密码设为{Abc@2024}
    口令是{112233}
    密码我用的是{19900101}
    密码“{112233}”不对
    密码 {零零七八九幺}
""",
}
CODES["password"] = CODES["password"].replace("密码一二三四: {密码一二三四}", "密码{一二三四}")

STAYS_EN = """
    where is my PIN
    I forgot my password
    the code never came
    I forgot my PIN 3 times
    the PIN was blocked in 2024
    my PIN letter is 10 days late
    is the PIN for the card ending 1234 still valid
    my card ending in 1234 was declined
    the code is 6 digits
    is the code valid for 10 minutes
    how do I change my password
    my password is wrong
    my password is not accepted
    my password is expired.
    my password was hacked!
    my password is too short
    is my password case sensitive
    the password is blocked, please help
    send my password to anna@example.com
    what is a CVV
    where do I find the security code
    the security code on the back is worn off
    error code 1234
    sort code 123456
    sort code 12-34-56 account 12345678
    my postcode is 10115, the post code 10115
    promo code 2024
    T-100234
    what about ticket T-100234
    my reference is T-100234, the code never came
    the code for T-100234 never came
    case ref 1748503543012 please check
    order number 4539578763621486
    order 4539578763621486 has not arrived
    transaction id 4539578763621486
    reference 4539578763621486
    ref. no. 6011000990139424
    REF4539578763621486
    ORD-4539578763621486
    DE89370400440532013000
    DE89 3704 0044 0532 0130 00
    my iban is GB29 NWBK 6016 1331 9268 19
    NL91ABNA0417164300
    account 12345678
    account number 4539578763621486
    call me on +44 7700 900123
    my number is +49 151 23456789012
    0049 30 123456789
    phone 4915123456789012
    I paid 1,234,567.89 euros
    a transfer of 4539578763621486 euros
    £4539578763621486
    12.03.2024 14:30, 40.00 and 12.50
    2024 2025 2026 2027
    1000 2000 3000 5000
    1748503543012
    9999999999999
    I called 3 times, 0800 123 456
    the pin machine took 1500 euros
    pins and passwords, how safe are they
    my password expires in 2025
    I forgot my pin, 1500 euros are gone
    pin the tail on the donkey
    I did not get the one-time code
    the verification code is 5 minutes late
    code of conduct
    3782 is what I paid
    I typed the PIN wrong three times
    my PIN is one of the things I forgot
    the app asks for a passcode
    please reset my password today
    I changed my password yesterday
    my pin has 4 digits
    do you need my CVV for that
    I moved to 1050 Vienna and my PIN has not come
    give me 20 minutes, the code is coming
"""
STAYS_ZH = """
    密码错了三次
    密码忘了
    我忘记密码了怎么办
    验证码收不到
    验证码一直没来，等了30分钟
    验证码是几位的
    验证码5分钟内有效吗
    验证码一天只能发五次吗
    取款密码忘记了
    取款密码输错了3次
    取款密码输了1234次
    密码是六位数吗
    密码要改
    怎么修改密码
    密码不对
    密码是什么
    密码被锁了
    密码锁了24小时
    密码锁定到2025年
    安全码在哪里
    什么是安全码
    背面的三位数看不清了
    CVV是什么
    PIN码没收到
    PIN忘了
    尾号1234的卡密码忘了
    尾号 1234 的卡丢了
    订单号4539578763621486
    订单4539578763621486还没到
    流水号 4539578763621486
    交易编号4539578763621486
    工单T-100234怎么样了
    快递单号4539578763621486
    参考号 1748503543012
    时间戳1748503543012
    身份证110101199003074514
    身份证号 622301199003074514
    我的身份证是11010519491231002X
    手机号13800138000
    电话+8613800138000
    打 +86 138 0013 8000
    账号12345678
    账户 4539578763621486
    转账4539578763621486元
    余额5000，密码忘了
    我转了1500元，密码就锁了
    2024年5月12日14:30
    12.50元和40.00元
    邮编100234
    错误代码1234
    验证码发到旧手机13800138000了
    密码信10天了还没到
    我的密码安全吗
    没有收到动态密码
    动态口令是干什么的
    三次密码都不对
    密码三四次都输错
    一二三四都不行
    口令卡丢了
    请重置登录密码
    验证码不是我要的
    密码和验证码都没有
    发票号4539578763621486
    保单号4539578763621486
    合同编号6011000990139424
    2024 2025 2026 2027 年的账单
    不要密码行吗
    二维码扫不了
    我说过密码绝对不给别人
    客服说密码是保密的
    收到一条验证码短信，不是我操作的
    短信验证码每次都要等一两分钟
    登录要输密码三次
"""


def rows(table: str) -> list[str]:
    return [row.strip().encode().decode() for row in table.strip().split("\n    ")]


def shown(text: str) -> str:
    """The text with what stands in braces masked as a code."""
    return re.sub(r"\{[^}]*\}", HIDDEN, text)


def plain(text: str) -> str:
    return text.replace("{", "").replace("}", "")


def last_four(card: str) -> str:
    """The last four digits in ASCII, also of digits in words."""
    words = {"one": "1", "一": "1"}
    digits = [words.get(token) or str(int(token)) for token in re.findall(r"\d|one|一", card)]
    return "".join(digits[-4:])


@pytest.mark.parametrize("row", rows(CARDS))
def test_a_card_number_is_masked_but_for_its_last_four_digits(row: str) -> None:
    cards = re.findall(r"\{([^}]*)\}", row)
    masked = mask(plain(row))
    assert masked.text == re.sub(r"\{([^}]*)\}", lambda card: f"{HIDDEN} {last_four(card[1])}", row)
    assert masked.kinds == ("card_number",) * len(cards)
    assert masked.last_fours == tuple(map(last_four, cards))


@pytest.mark.parametrize(
    ("kind", "row"), [(kind, row) for kind, table in CODES.items() for row in rows(table)]
)
def test_a_code_is_masked(kind: MaskedKind, row: str) -> None:
    masked = mask(plain(row))
    assert masked.text == shown(row)
    assert masked.kinds == (kind,) * row.count("{")
    assert masked.last_fours == ()


@pytest.mark.parametrize("row", [*rows(STAYS_EN), *rows(STAYS_ZH)])
def test_what_is_no_secret_stays(row: str) -> None:
    masked = mask(row)
    assert (masked.text, masked.kinds, masked.last_fours) == (row, (), ())


@pytest.mark.parametrize(
    "row", [*rows(CARDS), *(r for table in CODES.values() for r in rows(table))]
)
def test_masking_again_changes_nothing(row: str) -> None:
    once = mask(plain(row)).text
    assert mask(once).text == once


def test_several_secrets_are_told_in_their_order() -> None:
    masked = mask(
        "card 4111111111111111 exp 12/27 cvv 123, pin 4821; password: hunter2; code 482913"
    )
    assert masked.kinds == ("card_number", "security_code", "pin", "password", "one_time_code")
    assert masked.text == "card •••• 1111 exp 12/27 cvv ••••, pin ••••; password: ••••; code ••••"


def test_digits_behind_a_cards_expiry_are_its_security_code() -> None:
    masked = mask("4111 1111 1111 1111 12/27 123")
    assert masked.text == "•••• 1111 12/27 ••••"
    assert masked.kinds == ("card_number", "security_code")
    assert mask("4111 1111 1111 1111 12/27 500.00 euros").kinds == ("card_number",)


def test_the_tables_hold_enough_of_each_language() -> None:
    def count(table: list[str], chinese: bool) -> int:
        return sum(bool(re.search(r"[\u4e00-\u9fff]", row)) == chinese for row in table)

    secret = [*rows(CARDS), *(row for table in CODES.values() for row in rows(table))]
    for chinese in (False, True):
        assert count(secret, chinese) >= 60
        assert count([*rows(STAYS_EN), *rows(STAYS_ZH)], chinese) >= 60


def test_numbers_that_stay_pass_the_check() -> None:
    for number in ("4539578763621486", "6011000990139424"):
        assert passes_luhn(number)
        assert has_issuer(number)
    assert passes_luhn("1748503543012")
    assert not has_issuer("1748503543012")
