"""Where entities stand in a message: amounts, dates, cards, accounts, references, products, merchants, names, in both
languages. What their words are worth is worked out by our service (nlu/values.py), which has a calendar and the time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterator, List, Optional, Tuple

Pattern = re.Pattern


@dataclass(frozen=True)
class Found:
    """An entity: its kind, its place in the text, and a value where the pattern itself tells it."""

    entity: str
    start: int
    end: int
    value: Optional[str] = None


def find(text: str) -> List[Found]:
    """The entities of a text by its patterns; where two claim the same characters, the more particular kind has them."""
    kept: List[Found] = []
    for source in _SOURCES:
        for found in source(text):
            if is_free(found, kept):
                kept.append(found)
    return sorted(kept, key=lambda one: one.start)


def is_free(found: Found, kept: List[Found]) -> bool:
    """Whether nothing that was kept stands where this stands."""
    return all(found.end <= other.start or found.start >= other.end for other in kept)


def _regex(pattern: str, flags: int = re.IGNORECASE) -> Pattern:
    return re.compile(pattern, flags | re.VERBOSE)


def _all(entity: str, pattern: Pattern, text: str, group: str = "x") -> Iterator[Found]:
    for found in pattern.finditer(text):
        if found.group(group):
            yield Found(entity, found.start(group), found.end(group))


# --- references, accounts, cards

_REFERENCE = _regex(r"(?<![a-z0-9]) (?P<x> t-?\d{6,} ) (?!\d)")
_IBAN = _regex(
    r"(?<![A-Z0-9]) (?P<x> [A-Z]{2}\d{2} (?:[ ]?[A-Z0-9]{4}){2,7} (?:[ ]?[A-Z0-9]{1,3})? ) (?![A-Z0-9])",
    0,
)
_LONG_NUMBER = _regex(r"(?<!\d) (?P<x> \d (?:[ -]?\d){12,18} ) (?!\d)")
_ENDING = _regex(
    r"""(?: \b(?:ending|ends|ended|end) (?:\s+(?:in|with|on))? (?:\s+(?:number|digits))? \s* :? \s*
          | 尾号 (?:是|为|:|：)? \s* | \b(?:card|卡) \s* (?:no\.?|number|\#)? \s* (?=\*{2,}) )
        (?P<x> (?:\*{2,}\s?)? \d{4} ) (?!\d)"""
)
_STARS = _regex(r"(?P<x> \*{2,}\s?\d{4} ) (?!\d)")
_ACCOUNT_BEFORE = _regex(r"(?: \baccounts? | \biban | 账户 | 账号 | 户头 ) [^,.;，。；]{0,20} $")
_MOD97 = 97  # ISO 13616: the remainder of a valid IBAN is 1


def is_iban(text: str) -> bool:
    """Whether the check digits are right (ISO 13616)."""
    joined = re.sub(r"\s", "", text)
    digits = "".join(str(int(c, 36)) for c in joined[4:] + joined[:4])
    return int(digits) % _MOD97 == 1


def _numbers(text: str) -> Iterator[Found]:
    yield from _all("ticket_reference", _REFERENCE, text)
    yield from (
        found for found in _all("account", _IBAN, text) if is_iban(text[found.start : found.end])
    )
    for pattern in (_LONG_NUMBER, _ENDING, _STARS):
        for found in _all("card", pattern, text):
            before = text[: found.start]
            kind = (
                "account" if _ACCOUNT_BEFORE.search(before) and "卡" not in before[-8:] else "card"
            )
            yield Found(kind, found.start, found.end)


# --- dates and spans of time

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
_UNIT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
)
_DATE_EN = _regex(
    rf"""\b(?P<x>
        (?:the\s+)?day\s+(?:before\s+yesterday|after\s+tomorrow) | today | tonight | yesterday | tomorrow
      | (?:\d{{1,2}}|an?|{_UNIT}|a\s+couple\s+of) \s+ (?:days?|weeks?|months?|years?) \s+ ago
      | in \s+ (?:\d{{1,2}}|an?|{_UNIT}) \s+ (?:days?|weeks?) (?:\s+time)?
      | (?:last|next|this|past) \s+ (?:week(?!day)|month|year|quarter|weekend)
      | (?:(?:last|next|this|past)\s+)? {_WEEKDAY} (?!s?\s+(?:club|roast))
      | \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}} | \d{{1,2}}[/.]\d{{1,2}}[/.](?:\d{{4}}|\d{{2}})(?![\d.,]\d)
      | (?:the\s+)? \d{{1,2}} (?:st|nd|rd|th)? (?:\s+of)? \s+ {_MONTH} \b (?:,?\s+\d{{4}})?
      | {_MONTH} \s+ \d{{1,2}} (?:st|nd|rd|th)? \b (?:,?\s+\d{{4}})?
      | {_MONTH} \s+ \d{{4}}
      | the \s+ \d{{1,2}} (?:st|nd|rd|th) \b (?!\s+(?:time|card|payment|floor))
    )\b"""
)
_BARE_MONTH = _regex(
    r"\b(?:in|since|for|during|of|until|from|last|this|next)\s+ (?P<x> January|February|March|April|May|June|July|"
    r"August|September|October|November|December ) \b (?!\s+\d)",
    0,
)
_HAN_NUMBER = r"[零〇一二两三四五六七八九十百\d]"
_DATE_ZH = _regex(
    rf"""(?P<x>
        大?前天 | 大?后天 | 今天 | 今日 | 昨天 | 昨日 | 明天 | 明日 | 今晚 | 昨晚 | 明晚
      | (?:上上|上|这|本|下下|下) 个? (?:周|星期|礼拜) [一二三四五六日天末]?
      | (?:上上|上|这|本|当|下下|下) 个? 月 (?: {_HAN_NUMBER}{{1,3}} [号日] )?
      | (?: (?:去年|今年|明年|前年|\d{{4}}年) )? {_HAN_NUMBER}{{1,3}} 月 (?: 份 | {_HAN_NUMBER}{{1,3}} [号日]? )?
      | 去年 | 今年 | 明年 | 前年 | \d{{4}}年 | \d{{4}}-\d{{2}}-\d{{2}}
      | (?:{_HAN_NUMBER}{{1,3}}|半) (?:天|个?星期|周|个月|年) (?:之前|以前|前)
      | {_HAN_NUMBER}{{1,3}} (?:天|周) (?:之后|以后|后)
      | (?<![\d一二三四五六七八九十尾账卡编第]) {_HAN_NUMBER}{{1,3}} [号日] (?![码线楼])
    )"""
)
_HORIZON = _regex(
    rf"""(?: \b (?P<x> (?:\d{{1,3}}|an?|half\s+a|{_UNIT}(?:[\s-]{_UNIT})?) [\s-]+ (?:months?|years?) ) \b (?!\s+ago)(?!\s+old)
          | (?P<y> (?<![\d去今明前]) (?:{_HAN_NUMBER}{{1,3}}|半) (?:个月|年) (?:期)? ) (?!前|之前|以前|[的]?[一二三四五六七八九十\d]+月) )"""
)


def _horizons(text: str) -> Iterator[Found]:
    yield from _all("horizon", _HORIZON, text, "x")
    for found in _all("horizon", _HORIZON, text, "y"):
        if not re.match(r"\d{4}年", text[found.start : found.end]):
            yield found


def _dates(text: str) -> Iterator[Found]:
    for pattern in (_DATE_EN, _BARE_MONTH, _DATE_ZH):
        yield from _all("date", pattern, text)


# --- amounts

_CURRENCY_EN = (
    r"(?:euros?|eur|us\s?dollars?|dollars?|usd|bucks?|pounds?(?:\s+sterling)?|gbp|quid|swiss\s+francs?|francs?|chf|yuan"
    r"|rmb|cny|renminbi|hong\s?kong\s+dollars?|hkd|yen|jpy|cents?|pence)"
)
_SYMBOL = r"(?:[€$£¥￥]|(?:eur|usd|gbp|chf|cny|rmb|hkd|jpy)\s?)"
_CURRENCY_ZH = r"(?:元人民币|人民币|欧元|美元|美金|英镑|港币|港元|瑞士法郎|瑞郎|日元|元|块钱|块)"
_DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?(?!\d)|\d{1,3}(?:[,’'\s]\d{3})+(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?(?!\d)"
_SCALE = r"(?:\s?(?:k|grand|thousand|m|mn|million|bn|billion)\b)"
_WORDS = rf"(?:(?:a|half\s+a|{_UNIT}) (?:[\s-]+ (?:and[\s-]+)? (?:a\s+)? (?:{_UNIT}|hundred|thousand|million|billion|grand|half|quarter))*)"
_BIG_WORDS = rf"(?:(?:an?|half\s+an?|{_UNIT}) (?:[\s-]+ (?:and[\s-]+)? (?:a\s+)? (?:{_UNIT}|half|hundred|thousand|million|billion|grand))*? [\s-]+ (?:hundred|thousand|million|billion|grand) (?:[\s-]+ (?:and[\s-]+)? (?:{_UNIT}|hundred|thousand))*)"
_NOT_TIME = r"(?! \s*-? (?:months?|years?|days?|weeks?|hours?|minutes?|times?|cards?|percent|%|people|tickets?) )"
_MONEY_EN = _regex(
    rf"""(?<![\w.,-]) (?P<x>
        {_SYMBOL} \s? (?:{_DIGITS}) {_SCALE}?
      | (?:{_DIGITS}) {_SCALE}? \s? (?:{_CURRENCY_EN}\b|[€$£])
      | {_WORDS} \s+ {_CURRENCY_EN}\b
      | (?:{_DIGITS}) {_SCALE} {_NOT_TIME}
      | {_BIG_WORDS}\b {_NOT_TIME}
    )"""
)
_PLAIN_EN = _regex(
    rf"""\b (?:charged|charge|paid|pay|was|is|earn|spent|spend|cost|costs|amount|sum|transfer(?:red)?|sent|send|withdr[ae]w|took|
            take|invest|deposit|save|have|owe|of|for|only|me|about|around|over) \s+ (?:me\s+|only\s+|about\s+|around\s+|out\s+)?
        (?P<x> \d{{1,3}}(?:,\d{{3}})+ | \d+\.\d{{2}} | \d{{3,7}} ) (?![\d:/-]|\.\d) {_NOT_TIME} (?!\s*(?:digits|st\b|nd\b|rd\b|th\b))"""
)
_HAN_SUM = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+(?:点[零一二三四五六七八九]+)?)"
_HAN_SCALED = rf"(?:{_HAN_SUM}?(?:(?<=[\d一二两三四五六七八九十百千])[十百千万亿])+(?:[零一二两三四五六七八九十百千万亿\d]*))"
_NOT_COUNT = r"(?!\s*(?:个|年|月|天|周|号|日|点|次|张|笔|人|岁|位|期|%|分钟|小时|多个))"
_MONEY_ZH = _regex(
    rf"""(?<![\d.,一二两三四五六七八九十百千万第]) (?P<x>
        (?:[€$£¥￥]|欧元|美元|美金|英镑|港币|港元|人民币) \s? (?:{_HAN_SCALED}|{_HAN_SUM}) (?:{_CURRENCY_ZH})?
      | (?:{_HAN_SCALED}|{_HAN_SUM}) \s? (?:多|来)? {_CURRENCY_ZH} (?!\s*(?:卡|件))
      | (?:{_HAN_SCALED}) {_NOT_COUNT}
    )"""
)
_PLAIN_ZH = _regex(
    r"(?:存了?|转了?|付了?|取了?|花了?|扣了?|是|投了?|收了?我?|交了?|给了?|借了?|汇了?|金额)\s*"
    r"(?P<x> \d+(?:,\d{3})*(?:\.\d{1,2})? ) (?![\d:/-]|年|月|号|日|个|天|张|笔|次|期|%|\.\d)"
)
_NO_SUM = re.compile(r"^[十百千万亿]$|^(?:一|两|几)?[百千万]{1}分|^万一$|^千万$|^一百$")


def _amounts(text: str) -> Iterator[Found]:
    yield from _all("amount", _MONEY_EN, text)
    for found in _all("amount", _MONEY_ZH, text):
        if not _NO_SUM.match(text[found.start : found.end]):
            yield found
    for pattern in (_PLAIN_EN, _PLAIN_ZH):
        yield from _all("amount", pattern, text)


# --- products and goals

_PRODUCTS = (
    ("credit_card", r"\bcredit[\s-]?cards?\b|信用卡|贷记卡"),
    ("debit_card", r"\bdebit[\s-]?cards?\b|\bbank\s+cards?\b|借记卡|储蓄卡"),
    (
        "current_account",
        r"\b(?:current|checking|cheque)\s+accounts?\b|活期账户|活期存款|活期|往来账户",
    ),
    ("savings_account", r"\bsavings?\s+accounts?\b|储蓄账户|存款账户|储蓄户"),
    ("joint_account", r"\bjoint\s+accounts?\b|联名账户|共同账户"),
    (
        "term_deposit",
        r"\b(?:fixed[\s-]+|time[\s-]+)?(?:term\s+)?deposits?\s+accounts?\b|\b(?:fixed|term|time|fixed[\s-]term)\s+deposits?\b"
        r"|定期存款|大额存单|定期",
    ),
    ("mortgage", r"\bmortgages?\b|\bhome\s+loans?\b|住房贷款|按揭贷款|按揭|房贷"),
    (
        "personal_loan",
        r"\b(?:personal|student|car|consumer)\s+loans?\b|个人贷款|消费贷款?|车贷|助学贷款",
    ),
    ("loan", r"\bloans?\b|贷款"),
    ("overdraft", r"\boverdrafts?\b|透支额度"),
    (
        "fund",
        r"\b(?:mutual\s+|index\s+|money[\s-]market\s+|investment\s+)?funds?\b(?!\s+(?:my|the|your))|\betfs?\b|基金",
    ),
    ("bond", r"\bbonds?\b|债券|国债"),
    ("pension", r"\bpension\s+(?:plan|fund|scheme|account)s?\b|养老金"),
    (
        "insurance",
        r"\b(?:(?:travel|home|car|life|health)\s+)?insurance(?:\s+polic(?:y|ies))?\b|保险|保单",
    ),
)
# ASCII: between a Chinese character and a letter is the beginning of a word.
_PRODUCT_PATTERNS = tuple(
    (code, re.compile(pattern, re.IGNORECASE | re.ASCII)) for code, pattern in _PRODUCTS
)
_PRODUCT_NAME = _regex(
    r"\b(?P<x> (?:[A-Z][a-z]+\s+){1,4} (?P<kind> Fund|Bond|Insurance|Deposit) ) \b", 0
)
_NAME_CODES = {"Fund": "fund", "Bond": "bond", "Insurance": "insurance", "Deposit": "term_deposit"}
_GOALS = (
    ("retirement", r"\bretire\w*|\bpension\b|养老|退休"),
    (
        "education",
        r"\b(?:education|university|school(?:ing)?|tuition|college)\b|教育金|教育|学费|上学|留学",
    ),
    (
        "home",
        r"\b(?:house|flat|apartment|first\s+home|a\s+home|mortgage\s+deposit)\b|买房|购房|首付|(?<=想买)房(?!贷)",
    ),
    (
        "income",
        r"\b(?:dividends?|regular\s+income|steady\s+income|passive\s+income|fixed\s+income)\b|分红|固定收益|稳定收益",
    ),
    ("growth", r"\bgrow(?:th)?\b|增值|资本增长"),
    (
        "savings",
        r"\brainy\s+day\b|\bsave\s+(?:up|some|a\s+bit|money)\b|\bput\s+(?:some\s+)?money\s+aside\b|攒钱|存钱|储蓄(?!账户|卡)",
    ),
)
_GOAL_PATTERNS = tuple(
    (goal, re.compile(pattern, re.IGNORECASE | re.ASCII)) for goal, pattern in _GOALS
)


def _products(text: str) -> Iterator[Found]:
    for found in _PRODUCT_NAME.finditer(text):
        start = found.start("x") + len(re.match(r"(?:The\s+)?", found.group("x")).group())  # type: ignore[union-attr]
        yield Found("product", start, found.end("x"), _NAME_CODES[found.group("kind")])
    for code, pattern in _PRODUCT_PATTERNS:
        for found in pattern.finditer(text):
            yield Found("product", found.start(), found.end(), code)


def _goals(text: str) -> Iterator[Found]:
    for goal, pattern in _GOAL_PATTERNS:
        found = pattern.search(text)
        if found:
            yield Found("goal", found.start(), found.end(), goal)
            return


# --- merchants, organisations, names

# Shops and services whose names customers meet on statements, written in any case.
_SHOPS = (
    "tesco|sainsbury'?s|asda|aldi|lidl|waitrose|morrisons|marks (?:and|&) spencer|m&s|boots|argos|primark|next|zara|h&m|ikea|"
    "amazon(?: prime)?|ebay|etsy|asos|zalando|apple|itunes|google(?: play)?|microsoft|netflix|spotify|disney\\+?|youtube|steam|"
    "playstation|paypal|klarna|stripe|revolut|wise|uber(?: eats)?|bolt|lyft|deliveroo|just eat|doordash|starbucks|costa|"
    "mcdonald'?s|burger king|kfc|subway|pret(?: a manger)?|greggs|booking\\.com|airbnb|expedia|ryanair|easyjet|lufthansa|"
    "british airways|shell|bp|esso|texaco|walmart|target|costco|carrefour|edeka|rewe|rossmann|decathlon|media ?markt|"
    "vodafone|o2|t-mobile|alipay|wechat pay|aliexpress|temu|shein|tiktok shop|trainline|national rail|hilton|marriott"
)
_SHOPS_ZH = (
    "淘宝|天猫|京东|拼多多|美团|饿了么|滴滴(?:出行)?|携程|去哪儿|飞猪|支付宝|微信支付|腾讯视频|腾讯|爱奇艺|优酷|抖音(?:商城)?|快手|唯品会|"
    "苏宁(?:易购)?|国美|盒马|永辉超市|永辉|大润发|沃尔玛|家乐福|山姆(?:会员店)?|星巴克|瑞幸(?:咖啡)?|麦当劳|肯德基|必胜客|海底捞|喜茶|"
    "中国移动|中国联通|中国电信|中石化|中石油|华为商城|小米商城|小米|苹果商店|网易云音乐|哔哩哔哩|12306|宜家|优衣库|屈臣氏|"
    "亚马逊|奈飞|优步|全家|罗森|七?-?11便利店"
)
_AMBIGUOUS_SHOPS = r"next|target|apple|wise|boots|shell|bolt|steam|subway|costa|stripe"  # words as well: only with a capital
_SHOP = re.compile(
    rf"(?<![A-Za-z0-9-])(?P<x>(?!(?-i:{_AMBIGUOUS_SHOPS})\b)(?:{_SHOPS}))(?![A-Za-z0-9-])",
    re.IGNORECASE,
)
_SHOP_ZH = re.compile(rf"(?P<x>{_SHOPS_ZH})")
_CAPITALISED = r"[A-Z][\w&’'-]*(?:\.com)?(?:\s+(?:of|and|&|the)\s+(?=[A-Z])|\s+(?=[A-Z]))?"
_AT_SHOP = _regex(
    rf"""\b(?:paid|pay|payments?|charged?s?|spent|bought|refund(?:ed|s)?|purchases?|transactions?|shopping|booked|took|taken)\b
         [^.;!?]{{0,40}}? \b(?:at|from|to|by|in) \s+ (?P<x> (?:(?-i:{_CAPITALISED})){{1,4}} )"""
)
_NOT_SHOP = re.compile(
    rf"^(?:{_MONTH}|{_WEEKDAY}|my|the|i|eur|usd|gbp|chf|atm|iban|pin|[A-Z]{{2}}\d+)\b",
    re.IGNORECASE,
)
_COMPANY = _regex(
    r"\b(?P<x> (?:[A-Z][\w&’'.-]*\s+){1,4} (?:Ltd|Limited|Inc|GmbH|PLC|plc|LLC|Corp|Corporation|Co|AG|SA|Group|Holdings?) )\b",
    0,
)
_COMPANY_ZH = re.compile(
    r"(?P<x>[\u4e00-\u9fff]{2,18}?(?:有限责任公司|有限公司|股份公司|集团|公司))"
)
_COMPANY_LEAD = re.compile(
    r"^(?:请|麻烦|帮我|帮忙|检查|筛查|核查|查询|查|一下|一查|下|看看|公司|企业|客户|这家|对|和|与|把|给|在|是)+"
)
_SHORTEST_COMPANY = 4  # characters
_NOT_COMPANY = re.compile(
    r"^(?:这家|那家|什么|哪家|我们|你们|他们|我|一家|保险|小|快递)?(?:公司|集团)$"
)

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金"
    "陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍"
)
_COMPOUND = "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯"
_GIVEN = r"(?![一二两三四五六七八九十百千万零的是在有没了吗呢到还和与也都就被把给转这那工账卡先女哪谁我你他个号])[\u4e00-\u9fff]"
_PERSON_ZH = rf"(?:(?:{_COMPOUND}){_GIVEN}{{1,2}}|[{_SURNAMES}]{_GIVEN}{{1,2}})"
_CONTEXT_ZH = re.compile(
    rf"(?:我叫|我是|名叫|叫做|自称|姓名[是为：:]?|名字[是叫：:]?|户名[是：:]?|收款人[是：:]?|客户|转给|汇给|打给|付给|借给|给|联系|"
    rf"筛查(?:一下|下)?|核查(?:一下|下)?|检查(?:一下|下)?|查(?:一下|一查|查|下)?(?:名单)?|对|把)\s*"
    rf"(?P<x>{_PERSON_ZH}|[小老阿][{_SURNAMES}](?![\u4e00-\u9fff]*账))"
    rf"(?=$|[\s，。,.？?！!、]|的|是|在|有|和|做|这|一|二|两|三|四|五|六|七|八|九|十|\d|转|上|还|吗|呢|要|进|办|能|可)"
)
_TITLED_ZH = re.compile(
    rf"(?P<x>[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?(?:先生|女士|小姐|太太|经理|师傅))(?!的?信用卡)"
)
_NAME_WORD = r"[A-Z](?:[^\W\d_]|[’'-])+"
_CONTEXT_EN = _regex(
    rf"""(?: \b(?i:my\s+name\s+is|i\s+am|i’m|i'm|this\s+is|called|named|name|screen|customer|client|person|check\s+on|
               check(?:\s+(?:if|whether))?|is|for|to|with|mr\.?|mrs\.?|ms\.?|dr\.?)\s+ )
         (?P<x> {_NAME_WORD} (?:\s+{_NAME_WORD}){{1,3}} )
         (?! \s+ (?i:ltd|limited|inc|gmbh|plc|llc|corp|group|bank|fund|bond) \b)""",
    0,
)
_SENT_TO = _regex(
    rf"\b(?i:transfer|sent|send|owe|lent|gave)\b [^.;!?]{{0,40}}? \b(?i:to) \s+ (?P<x> {_NAME_WORD} (?:\s+{_NAME_WORD})? ) (?=\s*(?:$|[.,;!?]|\b(?i:on|yesterday|today|tomorrow|last|this|for|has|is|was|and|but|never)\b))",
    0,
)
_NOT_NAME = re.compile(
    rf"^(?:{_MONTH}|{_WEEKDAY}|the|my|your|a|an|i|savings|current|account|credit|debit|card|english|chinese|germany|france|london|"
    r"sorry|looking|having|trying|bank|customer|sir|madam|iban|pin|kyc|aml|pep|europe|china|spain|italy)\b",
    re.IGNORECASE,
)


def _shops(text: str) -> Iterator[Found]:
    for pattern in (_SHOP, _SHOP_ZH):
        yield from _all("merchant", pattern, text)


def _companies(text: str) -> Iterator[Found]:
    yield from _all("organisation", _COMPANY, text)
    for found in _COMPANY_ZH.finditer(text):
        lead = _COMPANY_LEAD.match(found.group("x"))
        start = found.start("x") + (lead.end() if lead else 0)
        if found.end("x") - start >= _SHORTEST_COMPANY and not _NOT_COMPANY.match(
            text[start : found.end("x")]
        ):
            yield Found("organisation", start, found.end("x"))


def _people(text: str) -> Iterator[Found]:
    for pattern in (_TITLED_ZH, _CONTEXT_ZH, _CONTEXT_EN, _SENT_TO):
        for found in _all("name", pattern, text):
            if not _NOT_NAME.match(text[found.start : found.end]):
                yield found


def _paid_places(text: str) -> Iterator[Found]:
    for found in _AT_SHOP.finditer(text):
        name = found.group("x").rstrip()
        if not _NOT_SHOP.match(name):
            yield Found("merchant", found.start("x"), found.start("x") + len(name))


_SOURCES: Tuple[Callable[[str], Iterator[Found]], ...] = (
    _numbers,
    _companies,
    _products,
    _shops,
    _dates,
    _amounts,
    _horizons,
    _paid_places,
    _people,
    _goals,
)
