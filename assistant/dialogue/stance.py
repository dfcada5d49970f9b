"""Whether a clause asserts its act: the reader's stance, with rules that stand outside it as a veto and as a positive cue.

Nothing is asserted by default. There is evidence only where the reader is certain enough (calibrated on messages that
neither taught it nor shaped these rules: `make evaluate-reader`), no rule objects, and the words carry an own, present
report or request. What a rule rejects wrongly becomes a quick reply; what it lets through wrongly would be done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.dialogue.reader.model import ReaderReading
from assistant.dialogue.readings import Stance
from core.languages import Language

Veto = Literal["negated", "reported", "hypothetical", "asked", "past"]

# Probability of `asserted` from which it is evidence: printed by `make evaluate-reader`.
THRESHOLDS: dict[Language, float] = {"en": 0.89, "zh": 0.86}
# The same for a clause that is a plain own report or request and nothing else, which leaves the reader less to go by.
PLAIN_THRESHOLD = 0.6

MAX_CLAUSE = 400  # characters: what is longer is not read to its end, and gives no evidence


@dataclass(frozen=True)
class StanceDecision:
    """The reader's stance and its probability; whether that is evidence for acting at once, and which rule objected."""

    stance: Stance
    confidence: float
    evidence: bool
    veto: Veto | None = None


_QUOTES = re.compile(r"""\s*["“”„«「『']""")  # of words that are spoken of, not said


def is_quoted(text: str) -> bool:
    """Whether a clause begins with a quotation mark: its words may be spoken of rather than said."""
    return bool(_QUOTES.match(text))


def decide(text: str, language: Language, reading: ReaderReading) -> StanceDecision:
    """Stance of a clause from its normalised text and what the reader says of it."""
    stance = reading.stance
    objection = veto(text, language)
    least = PLAIN_THRESHOLD if is_plain(text, language) else THRESHOLDS[language]
    evidence = (
        stance == "asserted"
        and len(text) <= MAX_CLAUSE
        and reading.stances["asserted"] >= least
        and objection is None
        and not is_quoted(text)
        and has_cue(text, language)
    )
    return StanceDecision(stance, reading.stances[stance], evidence, objection)


def veto(text: str, language: Language) -> Veto | None:
    """The stance other than asserted that the words speak for, None when they do not."""
    words = _HARMLESS[language].sub(" · ", text[:MAX_CLAUSE])
    return next((name for name, pattern in _VETOES[language] if pattern.search(words)), None)


def has_cue(text: str, language: Language) -> bool:
    """Whether the words are of an own report or of a request."""
    return bool(_CUES[language].search(text[:MAX_CLAUSE]))


def is_plain(text: str, language: Language) -> bool:
    """Whether a clause is an own report or request in the fewest words, and says nothing else."""
    return len(text) <= MAX_PLAIN and bool(_PLAIN[language].fullmatch(text))


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# Words of a veto that say nothing against the act where they stand so: a loss is told in negations, a request as a question.
_HARMLESS: dict[Language, re.Pattern[str]] = {
    "en": _words(
        r"(?:can'?t|cannot|can not|could(?:n'?t| not)) (?:seem to )?(?:find|locate|see|log|get|access|use|pay|wait)",
        r"(?:do|did|have|has|had)(?:n'?t| not) (?:recogni[sz]e|make|made|authori[sz]e|approve|order|buy|spend|work|received?|arrived?|get|got|know (?:about|these|this|where|any))",
        r"(?:is|was|are)(?:n'?t| not) (?:me|mine|working|good enough|acceptable|right|there)",
        r"no longer (?:have|need|want|works?|live|in my)",
        r"(?:never|not) (?:made|ordered|heard of|been to|came|arrived|received|authori[sz]ed|bought|me|mine|happy|acceptable|good enough)",
        r"if (?:you (?:could|can|would|don'?t|do not) ?(?:mind|please)?|possible|i may|that'?s ok(?:ay)?|it'?s ok(?:ay)?)",
        r"would (?:you|like|love|prefer)",
        r"(?:someone|somebody|a thief|thieves|they) (?:has |have |just )?(?:stole|stolen|took|taken|nicked|used|using|emptied)",
        r"(?:can|could|would|will|may|might) (?:you|i|we) (?:please|pls|kindly|just|possibly|have|get|speak|talk|be|make|book)",
        r"why (?:not|don'?t you)",
    ),
    "zh": _any(
        r"不见|找不[到着]|不是(?:我|本人)(?:本人)?(?:刷|操作|买|转|花|弄|干|点|消费)|没(?:收到|授权|刷过|用过|买过|操作|点过|消费|花过)",
        r"不认(?:识|得)|不明|不满|不对劲|受不了|不能用|用不了|没法|不好使|不好意思|不想(?:再)?(?:等|排)|不(?:等|排|需要|要|想要|用)了",
        r"能不能|可不可以|可否|能否|行不行|好不好|不能再",
        r"有人(?:在)?(?:盗|刷|用|偷|冒|转|拿)",
    ),
}

_NOT = (
    r"not|never|no|nobody|no one|nothing|without|stop|hardly|cannot|dont|wont|didnt|isnt|wasnt|cant|"
    r"(?:do|does|did|is|was|are|were|has|have|had|wo|ca|could|should|would|need|must|ai)n'?t"
)
_ACT_WORDS = (
    r"block\w*|freez\w*|frozen|stop\w*|cancel\w*|clos\w*|open\w*|fil(?:e|ing)|rais\w*|log(?:ged)?|report\w*|chang\w*|updat\w*|book\w*|transfer\w*|connect\w*|switch\w*|"
    r"lost|lose|losing|stol\w*|steal\w*|missing|gone|scam\w*|fraud\w*|hack\w*|complain\w*|tickets?|cases?|appointments?|meetings?|agents?|humans?|persons?|recommend\w*|touch|"
    r"necessary|required|mov\w*|bother|send|order|add|put|want|need|after|asking|treat\w*|suspicious|thief|thieves|robbed|taken|crook\w*|request\w*"
)
_ACTS_IN_CHINESE = r"挂失|挂|冻|锁|停|丢|掉|盗|偷|骗|投诉|举报|工单|单子|开单|立案|改|换|约|转|人工|真人|客服|推荐|介绍|办|取消|撤|销|关|结|退|补|加|登记|报|说|要|想|急|打算|需|必|走|动|搬|麻烦|骂"
_RELATIVES = (
    r"wife|husband|hubby|partner|girlfriend|boyfriend|mum|mom|mam|mother|dad|father|parents?|gran|nan|nana|grandma|grandpa|grandmother|grandfather|"
    r"son|daughter|kids?|child|children|brother|bro|sister|sis|uncle|aunt|auntie|cousin|nephew|niece|in-laws?|flatmate|roommate|housemate|"
    r"friend|mate|pal|buddy|neighbou?r|colleague|coworker|co-worker|boss|manager's|tenant|landlord|client|carer|teacher|student|lad|chap|guy|lady|woman|man|girl|boy"
)
_VETOES: dict[Language, tuple[tuple[Veto, re.Pattern[str]], ...]] = {
    "en": (
        (
            "negated",
            _words(
                rf"(?:{_NOT})\W+(?:\w+\W+){{0,4}}?(?:{_ACT_WORDS})",
                r"no need|needless|count me out|minded to|worst case|picture this|instead of|rather than|never said|not so|nor|neither|nightmares?|dreams?|movie|film|joking",
                r"false alarm|turned up|found (?:it|them|my)|changed my mind|safe and sound|all along|panic over|hold off|leave (?:it|my|the|that|them|things|me)",
                r"keep (?:it|my|the|that|me|on)|stays?|as (?:it is|they are)|forget|scrap that|sort(?:ed)? itself|far from|least of all|as if|oh sure|oh great|last thing",
            ),
        ),
        (
            "reported",
            _words(
                rf"(?:my|our|a|an|the|his|her|their|some|this|that|another) (?:\w+ )?(?:{_RELATIVES})(?:'?s)?",
                r"he|she|he'?s|she'?s|his|her|hers|him|their|theirs|heard|read (?:that|about|in)|apparently|according to|says|said|people|someone (?:else|i know|at|in|from)",
                r"news|papers?|facebook|reddit|forum|everyone|customers|tells|asked me|reckons|wants|needs",
            ),
        ),
        (
            "hypothetical",
            _words(
                r"if|ifs|suppose|supposing|supposed|imagine|in case|should (?:i|we|my|the|it|anything)|were (?:i|we|my|to)|was to|might|maybe|perhaps|possibly",
                r"thinking (?:of|about)|considering|someday|one day|eventually|some day|next (?:year|month|spring|summer)|would|wouldn'?t|could always|unless|in theory|say i|let'?s say",
                r"pretend|tempted|toying|planning|plan to|ponder\w*|half a mind|depend\w*|once (?:i|we|my)|until|whenever|assuming|provided|may (?:have|need|want|be|well|ask|switch|close|move)|i may|we may|hypothetical\w*|down the (?:line|road)|who knows",
            ),
        ),
        (
            "asked",
            _any(
                r"^\W*(?:(?:and|so|but|just|ok|okay|also|hi|hello|sorry|please|out of interest|quick question)\W+)*(?:how|what|what'?s|when|where|where'?s|which|who|whom|why|does|do|did|is|are|was|were|will|must|has|have you|am i)\b",
                r"\b(?:how (?:do|does|can|could|would|to|long|much|many|soon|is)|is it possible|wonder(?:ing)?|want(?:ed)? to know|like to know|need to know|curious|tell me (?:how|what|whether|if|where|when|about)|explain|whether|"
                r"is there|are there|possible to|what happens|what do i|where do i|who do i|in the app|the (?:steps|procedure|process|rules|fee|cost|charge) (?:for|of|to|if|when))\b",
                r"^(?!.*\b(?:please|pls|plz|kindly)\b)(?!\W*(?:\w+\W+){0,3}·)(?!.*\b(?:can|could|would|will) (?:you|u|someone|somebody|anyone|i (?:have|get|speak|talk))\b).*\?",
            ),
        ),
        (
            "past",
            _words(
                r"already|used to|years?|months? (?:ago|back)|weeks? (?:ago|back)|last (?:week|month|year|spring|summer|autumn|winter|time|christmas|january|february|march|april|may|june|july|august|september|october|november|december)",
                r"in (?:spring|summer|autumn|winter|january|february|march|april|june|july|august|september|october|november|december|19\d\d|20\d\d)|back (?:in|then|when)|once|previously|before|earlier|that time|the (?:day|year|time|summer|winter)|had|settled|resolved|long since|was (?:closed|resolved|sorted|done|changed|updated|booked|filed)|decades?|ages ago|when i was|at the time|thanks to|since then|came in handy|was me who|i did",
            ),
        ),
    ),
    "zh": (
        (
            "negated",
            _any(
                rf"(?:不|没有?|别(?!的|人)|勿|甭|莫|未|无需|无须|并非|何必|谁说|谁要)[^,，。!！?？]{{0,4}}?(?:{_ACTS_IN_CHINESE})",
                r"不用|不必|不是(?!我)|没说|没让|没打算|省得|免了|误会|虚惊|找到了|找着了|找回|原来在|就在|还在|好好的|留着|保留|先放|暂缓|何必|拉倒|休想|才怪|放行|乌龙|一(?:分|点|个|张|次).{0,3}[都也]不|真贴心|真行|噩梦|做梦|梦见|就中文|用中文",
            ),
        ),
        (
            "reported",
            _any(
                r"他|她|人家|别人|听说|听闻|据说|新闻|网上|报道|同事|朋友|邻居|同学|室友|老板|领导|房东|客户(?:说|要)|师傅|闺蜜|哥们|发小|群里|抖音|有人(?:问|说|讲)|老乡|亲戚|隔壁|对门|楼[上下]",
                r"(?:我|我们|我家|咱|俺)?(?:妈|爸|爹|娘|老公|老婆|媳妇|丈夫|妻子|爱人|对象|男友|女友|男朋友|女朋友|儿子|女儿|闺女|(?<!老公)孩子|哥|姐|弟|妹|爷爷|奶奶|外公|外婆|姥|舅|姨|姑|叔|伯|婶|侄|外甥|表|堂|岳|公公|婆婆|大爷|大妈|父亲|母亲|父母|老伴|孙[子女])(?:[他她的说被丢想要收也刚昨前上今在那这自遇中掉弄问让叫没已早正又碰投办刷接准]|$|,)",
            ),
        ),
        (
            "hypothetical",
            _any(
                r"如果|如若|要是|假如|假设|假使|假定|万一|倘若|倘|若|的话|也许|可能|或许|考虑|打算|想着|以后|将来|哪天|说不定|没准|等我|等到|明年|后年|回头|再说|要不|犹豫|设想|比方|比如|譬如|计划|准备|真要|一旦|迟早|早晚|琢磨|兴许|大概|估计|纠结|下(?:个月|半年|次|回)|有朝一日|的时候|扮|演|将来|(?<![机])会(?!员|计|议|喘|说)|到时",
            ),
        ),
        (
            "asked",
            _any(
                r"^(?!.*[,，。!！?？].*(?:给我|赶紧|请|帮我|把我|推荐|我要)).*(?:怎么|怎样|怎麼|如何|咋|哪|什么|几|多少|多久|多长|为什么|为何|为啥|啥|是否|有没有|是不是|请问|想问|问一?下|咨询|了解|知道|区别|流程|手续费|条件|步骤|步驟|何处|何时|谁|规定|能(?:在|用)|可以(?:在|用)|app|APP|方不方便|难不难|要不要|行吗|成吗|收费)",
                r"^(?!.*(?:帮|给我|麻烦|请|劳驾|替我|·|拜托)).*(?:吗|嘛|么|呢|[?？])",
            ),
        ),
        (
            "past",
            _any(
                r"(?:办|弄|改|录|换|补|撤|关|约|报)(?:好|完|进去|过)[了啦]|上(?:周|个?月|星期|礼拜|回|次|季度|半年)|去年|前年|以前|从前|之前|此前|曾|早就|早已|早(?:都|办|改|换|报|撤|补|挂|约)|已经?|当时|当年|那(?:次|年|会儿|回|时|阵)|年前|月前|周前|天前|小时候|过了|[过完好][了啦]?$|年的|月份|春天|夏天|秋天|冬天|年初|年底|春节|国庆|过年|大学|多亏|上大|前(?:阵|段|几|两|些)|刚(?:办|改|换|报|约)|那(?:张|笔)?.{0,4}是.{1,6}的事",
            ),
        ),
    ),
}

_CUES: dict[Language, re.Pattern[str]] = {
    "en": _any(
        r"\b(?:i|i'?m|i'?ve|i'?d|im|ive|id|me|my|mine|we|we'?ve|our|us)\b",
        r"\b(?:please|pls|plz|kindly|can you|could you|would you|will you|can u|can someone|need|want|asap|urgent(?:ly)?|help)\b",
        r"^\W*(?:(?:and|then|so|ok|okay|hi|hello|also|now|just|right|yes|go ahead and|quick|quickly|better)\W+)*"
        r"(?:block|freeze|stop|kill|lock|cancel|close|shut|open|file|raise|log|lodge|register|record|report|change|update|amend|set|put|add|attach|append|note|include|book|arrange|"
        r"schedule|reserve|fix|make|get|give|send|order|issue|replace|transfer|connect|switch|speak|talk|continue|reply|write|recommend|suggest|find|show|take|remove|let|call|pass|"
        r"hand|drop|withdraw|bin|scrap|refund|increase|lower|unblock|reset|print|post|mail|escalate|fetch|bring|go|move|correct|replace|store|save|pencil|squeeze|start|use|answer|respond|pick)\b",
        r"\b(?:stolen|missing|lost|fraud|scam(?:med)?|complaint|appointment|unacceptable|disgrace(?:ful)?|human|agent|person|operator|english|spanish|chinese|mandarin)\b",
    ),
    "zh": _any(
        r"我|本人|咱|俺|帮|给|请|麻烦|要|想|求|劳驾|拜托|快|马上|立刻|赶紧|速|急",
        r"挂失|冻结|锁|停|转|改|约|办|开|投诉|举报|撤|销|取消|换|切|补|加|登记|申请|推荐|丢|偷|盗|骗|人工|报|升级|排|退出|更新|记|立案|说(?:中文|英文|英语)",
    ),
}

MAX_PLAIN = 80  # characters
_CARDS = r"(?:(?:bank|debit|credit|visa|master|cash|gold|business) ?)*cards?(?: number)?(?: (?:ending|ends)(?: in| with)? \d{4})?"
_SOFT = r"(?:please|pls|plz|now|today|just|just now|again|asap|urgently|immediately|right now|quickly|help|hi|hello|sorry|urgent)"
_ENDS = rf"(?:[\s,.!]+{_SOFT})*[\s.!]*"
_BEGINS = rf"[\s.!,]*(?:{_SOFT}[\s,.!]+)*"
_PLAIN: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        rf"{_BEGINS}(?:"
        rf"i(?:'?ve| have|'?m)? ?(?:just |only just )?(?:lost|misplaced|missing|dropped) (?:my|one of my|the|both my|all my) {_CARDS}|"
        rf"(?:someone|somebody|a thief|they|thieves)(?: has|'ve| have|'s)? ?(?:just )?(?:stole|stolen|took|taken|nicked) (?:my|the) {_CARDS}|"
        rf"my {_CARDS} (?:is|are|was|were|has been|have been|got|has|'s)?(?: ?just)? ?(?:been )?(?:lost|stolen|missing|gone|nicked|taken|disappeared)|"
        rf"(?:can|could|would|will) you (?:please )?(?:block|freeze|lock|stop) (?:my|the|this) {_CARDS}|(?:block|freeze|lock|stop) (?:my|the|this) {_CARDS}|"
        rf"(?:lost|stolen|missing) {_CARDS}"
        rf"){_ENDS}",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[\s,。!]*(?:您好|你好|请|麻烦|快|赶紧|急)?[,\s]*(?:帮我|给我|我要|我想)?(?:把)?(?:我的?|本人的?)?(?:那张)?(?:银行卡|信用卡|借记卡|储蓄卡|卡片?)(?:刚刚?|好像)?"
        r"(?:丢|掉|弄丢|遗失|不见|被偷|被盗|被抢|找不到|挂失|冻结|停|锁)(?:了|掉)?(?:一下|吧)?[\s,。!]*(?:快|赶紧|麻烦|急)?[\s,。!]*|"
        r"[\s,。!]*(?:我|快|赶紧|请|麻烦)*(?:要|想|帮我|给我)?(?:刚刚?)?(?:把)?(?:弄丢|丢失?|遗失|掉|挂失|冻结)了?(?:一张|我的?|这张)?(?:银行卡|信用卡|借记卡|储蓄卡|卡片?)(?:了)?[\s,。!]*"
    ),
}
