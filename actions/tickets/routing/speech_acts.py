"""What a text does, by the forms of speech that it uses: asks, requests, blames, demands amends, reports a stranger's hand.

Kinds of tickets differ by what people do with words (Austin's acts of speech) more than by what they speak of. Somebody
who complains seldom says "complaint": the bank is the one who acts, promises were broken, things happen again, time was
lost (ISO 10002: dissatisfaction, said or implied). Each act is a list of forms in both languages; the classifier weighs
them. Forms are general on purpose: none names a product.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.languages import Language

Act = Literal[
    "asks",
    "requests",
    "wishes",
    "reports_trouble",
    "blames",
    "feels",
    "repeats",
    "waited",
    "was_promised",
    "demands_amends",
    "challenges",
    "calls_unjust",
    "was_treated",
    "for_another",
    "strange_hand",
    "was_robbed",
    "was_lured",
    "disowns",
]
ACTS: tuple[Act, ...] = get_args(Act)
GRIEVANCES: frozenset[Act] = frozenset(
    {
        "blames",
        "feels",
        "repeats",
        "waited",
        "was_promised",
        "demands_amends",
        "challenges",
        "calls_unjust",
        "was_treated",
    }
)
ACT_COLUMNS = len(ACTS) + 1  # one for each act, one for grievances said together
READ = 1_000  # characters

_BANK = (
    r"(?:you|your (?:\w+ ){0,2}?(?:staff|people|colleagues?|advis[eo]rs?|agents?|clerks?|cashiers?|tellers?|managers?|man|woman|team|branch|bank|department|"
    r"office|call cent(?:re|er)|hotline|helpline|app|website|system|chat ?bot|machines?|letters?|advert\w*)|the (?:bank|branch|staff|cashier|clerk|teller|"
    r"advis[eo]r|agent|manager|call cent(?:re|er)|hotline|(?:man|woman|lady|person|guy) (?:at|in|on|behind) the \w+))"
)
_BANK_ZH = (
    r"(?:你们|贵行|银行|网点|柜员|柜台|客服|顾问|经理|工作人员|员工|大堂|坐席|热线|机器人|系统)"
)
_NUMBER = r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|many|a few|half an?|whole|entire)"
_NUMBER_ZH = r"(?:\d+|[一二两三四五六七八九十半几整百多]+)"
_SPAN = r"(?:minutes?|hours?|days?|weeks?|months?|years?|mornings?|afternoons?)"
_SPAN_ZH = r"(?:分钟|个?小时|个?钟头|天|周|个?星期|个?月|年|个?上午|个?下午)"

_FORMS: dict[Act, dict[Language, str]] = {
    "asks": {
        "en": r"^\W*(?:hi|hello|hey)?\W*(?:how|what|when|where|which|who|why|is|are|do|does|can|may|will|could i|should|am i)\b|\?\s*$",
        "zh": r"吗[?？]?\s*$|[?？]\s*$|多少|怎么|怎样|如何|什么|哪|几|能不能|可不可以|是否|多久",
    },
    "requests": {
        "en": r"\bplease\b(?! (?:explain why|tell me why))|\b(?:can|could|would|will) (?:you|someone|somebody)\b|\bi(?:'d| would)? (?:like|want|need|wish|have)\b[^.?!]{0,20}\bto\b|"
        r"^\W*(?:stop|change|cancel|block|send|give|set|add|remove|close|open|switch|move|raise|lower|increase|activate|update|register|order|print|"
        r"reissue|unlock|lock|trace|recall|return|transfer|make|put|take|let|help|check)\b|\bi (?:need|request|require)\b",
        "zh": r"请|帮我?|麻烦|给我|替我|我要|我想|需要|申请|办理|改成|换成|调到|取消|注销|激活|停掉|补[一张发办]|开[一张具]",
    },
    "wishes": {
        "en": r"\binterested in\b|\blooking (?:for|to)\b|\b(?:would like|want|'d like|thinking) (?:to (?:apply|open|start|invest|begin|take out|borrow|buy|put|get|join|switch)|of|about|an?|advice)\b|"
        r"\b(?:make me|need) an offer|\bquotes?\b|\bwhat (?:can|could|do) you (?:offer|recommend|suggest)|\bconsidering\b|\bi am after\b|\bplanning to\b|\bcall me (?:about|to discuss)|"
        r"\bbest (?:deal|offer|rate)s? (?:for|on) (?:me|us|my)|\bto (?:invest|borrow)\b",
        "zh": r"想(?:办|买|开|投|借|申请|了解|咨询|贷|存|配置|换到|听听|从|要(?:一个|个|养老|转贷|报价)?)|感兴趣|有兴趣|有意|打算|准备(?:买|投|贷|装|创)|考虑|报(?:个)?价|推荐|"
        r"(?:请|来)(?:来)?电(?:介绍|谈|聊|联系)?|联系我|有什么(?:好的)?(?:产品|方案|推荐)",
    },
    "reports_trouble": {
        "en": r"\b(?:does|do|did|is|are|was|were|has|have|can|could|will|would)(?: ?n[o']?t|not)\b|\bcannot\b|\bno longer\b|\bno (?:code|reply|access|signal)\b|\berrors?\b|\bfail(?:s|ed|ing)?\b|"
        r"\bcrash\w*|\bfrozen?\b|\bblank\b|\bempty\b|\bdeclined\b|\brejected\b|\bmissing\b|\bstuck\b|\bwrong\b|\bdouble\b|\btwice\b|\bdeclin\w+|\bbroken\b",
        "zh": r"不(?:了|到|能|行|上|出|显示|对|动|见)|没(?:有)?(?:收到|到账|显示|反应|退)|错误|失败|闪退|卡住|空白|打不开|被拒|少了|缺|两遍|两次|重复|报错|收不到|看不到",
    },
    "blames": {
        "en": rf"\b{_BANK}\b(?: guys| people| lot)?(?:'ve|'re| have| has| had| are| is| were| was| just| simply| then| still| never| always| even| again| now| only)*\s+"
        r"(?!can\b|could\b|would\b|will\b|please\b|offer|provide|need\b|do\b|have\b|accept|open\b|close on|recommend|suggest)"
        r"(?:did ?n[o']t|does ?n[o']t|do ?n[o']t|have ?n[o']t|has ?n[o']t|were ?n[o']t|was ?n[o']t|failed|fail|forgot(?:ten)?|lost|ignored?|refus\w+|took|taken|charg\w+|deduct\w+|"
        r"clos\w+|block\w+|froze|frozen|chang\w+|rais\w+|cut\b|cancel\w+|sent|sen[dt]ing|keep|kept|sold|told|lied|promis\w+|made|messed|mess|screwed|blam\w+|treat\w*|"
        r"handl\w+|mishandl\w+|talk\w+|sp[oe]\w+ (?:to|over|about)|shrug\w*|roll\w*|interrupt\w*|laugh\w*|shout\w*|yell\w*|snap\w*|stared?|walk\w+ (?:off|away)|ended|"
        r"hung|put me|left (?:me|us)|let (?:me|us)|pass\w+ (?:me|us)|bounc\w+|rude\w*|unhelpful|late\b|unprepared|dismissive|useless|clueless|slow\b|careless|negligent|"
        r"goes? round|going round|wast\w+|delay\w+|drag\w+|hid|hidden|misinform\w+|misl[ea]d\w*|overcharg\w+|disclos\w+|leak\w+|read (?:out|my)|pressur\w+|push\w+|forc\w+|insist\w+)|"
        r"\byour (?:mistakes?|errors?|fault|failures?|negligence|incompetence|delays?|(?:poor|bad|awful|terrible|slow|so[- ]called) \w+|computer failure|doing|own (?:mistake|rules|system))\b|"
        r"\b(?:nobody|no[- ]one|none of (?:you|them|your)|not one)\b[^.?!]{0,40}\b(?:\w+ed|rang|could|can|will|would|seems?|knows?|listens?|cares?|takes?|told|gets?|got|bothers?|apologi\w+|helps?)\b|"
        r"\bi (?:was|am|have been|'ve been|got) (?:being )?(?:passed|sent|bounced|left|kept|put on hold|ignored|told|lied|pressured|pushed|forced|talked|spoken|treated|made to|cut off|disconnected|transferred)\b",
        "zh": rf"{_BANK_ZH}(?:们)?[^。？！，,]{{0,12}}(?:没有?(?:人)?(?:理|管|告|说|讲|回|给|做|通知|提醒|解释|道歉|打|处理)|不(?:理|管|认|给|听|回|肯|让|愿|承认|负责|道歉|解释|重视|尊重|告知|处理)|"
        r"忘|弄(?:丢|错|坏)|搞(?:错|丢|砸)|算错|写错|寄错|冻|锁|封|扣(?!款日|款账户)|收(?:我|了|走)|骗|逼|催|翻白眼|打断|撂|挂|玩手机|聊天|应付|推|耸|念|泄露|公开|大声|嘲|骂|吼|迟到|拖|耽误|"
        r"怠慢|区别对待|不耐烦|答非所问|绕圈|一堆错|出错|居高临下|改口|变卦|抵赖|耍)|"
        r"(?:没(?:有)?(?:一个)?人|无人|谁(?:也|都)(?:不|说不|没))[^。？！]{0,10}|(?:转来转去|推来推去|来回(?:跑|绕|推|折腾)|两头跑|互相推|各说各|说法(?:不|都)|说的都不一样|(?:两|三|几)(?:种|套)说法|说一套)|"
        r"(?:你们|银行|系统)(?:的)?(?:错|失误|责任|问题|过错|疏忽)|(?:被|让)(?:你们|柜员|客服|经理|顾问)",
    },
    "feels": {
        "en": r"\b(?:frustrat\w+|cross\b|upset|unhappy|not (?:at all )?(?:happy|satisfied|pleased|impressed|amused)|un(?:satisfied|impressed)|annoy\w+|irritat\w+|disappoint\w+|angry|anger|livid|furious|fuming|"
        r"appall\w+|shock(?:ed|ing)|offend\w+|insult\w+|humiliat\w+|degrad\w+|belittl\w+|hurt(?:ful)?|distress\w*|stress(?:ed|ful)|let down|cheated|fooled|ignored|disgrace\w*|disgust\w*|sick of|tired of|fed up|"
        r"had enough|end of my (?:patience|tether|rope)|out of patience|lost (?:all )?(?:patience|trust|faith|confidence)|embarrass\w+|ashamed|cruel|heartless|callous|farc\w+|shambles|nightmare|joke|mess\b|"
        r"robbery|rip[- ]?off|never again|expected (?:better|more)|below (?:what|the|any)|beyond me|patroni[sz]ing|condescending|rude(?:ly)?|hopeless|pointless|waste|wasted|enough is enough|dreadful|pathetic|"
        r"unprofessional|sloppy|careless|lousy|diabolical|abysmal|atrocious|horrendous|woeful|badly|poorly|terrible|terribly|awful|worst|poor (?:communication|service|handling)|unbelievable|incredible that)",
        "zh": r"寒心|心寒|伤人|伤心|恼火|火大|不高兴|不痛快|窝火|窝心|憋屈|委屈|生气|气人|气死|烦|受够|忍|耐心|失望|无语|无奈|崩溃|郁闷|糟|烂|冷血|残忍|没人情味|丢人|脸红|离谱|荒唐|可笑|过分|太(?:差|慢|坑|黑|难|不|让)|"
        r"不认可|不满|不服|不公|不合理|不像话|想不通|说不过去|低于预期|就这水平|什么水平|什么态度|轻蔑|傲慢|冷漠|敷衍|应付|怠慢|再也不|以后不会|白(?:跑|等|忙|交|花)|耗|乱成|一团糟|一塌糊涂|被当|不当回事|不舒服|侮辱|尊重",
    },
    "repeats": {
        "en": r"\bagain\b|\b(?:second|third|fourth|fifth|sixth|umpteenth|nth|\d+(?:th|rd|nd)) time|\b(?:twice|(?:three|four|five|six|seven|ten|several|many|countless|\d+) times)\b|\bover and over|\btime and (?:time )?again|\bevery (?:single )?(?:time|month|week|day)\b|"
        r"\beach time\b|\bkeeps? \w+ing\b|\brepeatedly\b|\byet another\b|\bonce more\b|\bback and forth\b|\bstill (?:no|not|nothing|waiting|have)\b|\balways the same|\b(?:three|four|five|several) different\b|\bround in circles|\bfrom \w+ to \w+$",
        "zh": r"又(?:一次|来|扣|没|要|让|被|错|说|是|把|发|出|忘|打)|再次|再三|屡次|多次|几次|好几|反复|[两二三四五六七八九十多几\d]+[次遍趟回](?:了|都|还|以上)?|每次|每个?月(?:都|还)|总是|老是|一直|还(?:是没|没|在发|不)|仍(?:然|旧)?(?:没|不)|一遍遍|第[二三四五六七八九十\d]+次",
    },
    "waited": {
        "en": rf"\b(?:wait(?:ed|ing)?|on hold|queu\w+|stood|standing|sat)\b[^.?!]{{0,30}}\b{_NUMBER} {_SPAN}|\b{_NUMBER}[- ]{_SPAN}\b[^.?!]{{0,40}}\b(?:wait|later|still|no\b|nothing|without|not|and counting|gone|now)|"
        rf"\b(?:it has|it's|has) (?:now )?(?:been|taken)\b[^.?!]{{0,30}}\b{_NUMBER} {_SPAN}|\b(?:since|for) (?:over |more than |almost |nearly )?(?:{_NUMBER} {_SPAN}|january|february|march|april|may|june|july|august|september|october|november|december|last \w+)\b|"
        rf"\btook (?:you )?(?:over |more than )?{_NUMBER} {_SPAN}|\bday (?:\d+|ten|twenty|thirty)\b|\bwhole (?:day|morning|afternoon)\b|\bday off\b|\bon hold\b",
        "zh": rf"等(?:了|到|待)?[^。？！]{{0,8}}{_NUMBER_ZH}{_SPAN_ZH}|{_NUMBER_ZH}{_SPAN_ZH}(?:了|过去|多|还|都|也|以来|才|没|仍)|(?:站|排|坐|耗|拖|审|查|催)(?:了|队)?[^。？！]{{0,6}}{_NUMBER_ZH}{_SPAN_ZH}|"
        rf"(?:从|自)?[^。？！]{{0,4}}月(?:份)?(?:以来|就|起(?:就|一直))|要{_NUMBER_ZH}{_SPAN_ZH}|第{_NUMBER_ZH}天|请了[^。？！]{{0,3}}假|整整|至今|迟迟|到现在",
    },
    "was_promised": {
        "en": r"\b(?:promis\w+|assur\w+|guarantee\w*|agreed|committed|swore|said|told (?:me|us)|advertis\w+|confirmed)\b[^.?!]{0,60}\b(?:would|will|wo ?n[o']t|not|never|but|and (?:then|yet|now)|yet|instead|no|ten|within|tomorrow)\b|"
        r"\b(?:although|though|even though|despite|in spite of|after) (?:i|you|we|my|telling|being|having|saying|promis\w+|repeated)\b|\bwas told\b|\bone thing\b|\bopposite\b|\bsupposed to\b|\bwithout (?:any )?(?:warning|notice|reason|explanation|asking|telling|consent|consulting)|"
        r"\bno (?:explanation|reason|apology|warning|notice|call ?back|response|reply|answer)\b|\bnever (?:warned|told|explained|mentioned|received|did|arrived?|came|got|apologi\w+|heard)\b",
        "zh": r"(?:说好|答应|承诺|保证|说过|讲好|约好|书面|广告|宣传|口口声声|明明)[^。？！]{0,20}(?:没|不|又|却|还|结果|变|改|才|到|现在)?|(?:却|结果)[^。？！]{0,12}|不认账|变卦|就变了|改口|连[^。？！]{1,8}(?:都|也)(?:没|不)|"
        r"(?:从来|从)(?:没|不|未)(?:有)?(?:人)?(?:提|讲|说|告|通知|提醒|解释|收)|也不(?:给|说|解释|通知|告诉|打)|(?:没|不)(?:给|作|做)?(?:任何)?(?:解释|理由|说明|通知|道歉)|无缘无故|莫名其妙|擅自|没(?:有)?(?:提前|事先)",
    },
    "demands_amends": {
        "en": r"\b(?:apolog\w+|say sorry|sorry from|compensat\w+|redress|reimburse me|make (?:it|this) good|put (?:it|this|things) right|take (?:this|it|the matter) (?:further|up|to)|escalat\w+|grievance|formally?|on record|recorded|"
        r"lodge|file (?:a|an)|raise (?:a|an|this|my)|ombudsman|regulator|lawyer|solicitor|court|press|newspaper|social media|trustpilot|legal action|sue\b|investigat\w+|look(?:ed)? (?:into|at) (?:why|how|this|it|the way|what)|"
        r"hold (?:you|someone) (?:responsible|accountable)|(?:speak|talk|pass this|write|complain) to (?:a|your|the|someone|somebody)\b[^.?!]{0,14}(?:manager|management|supervisor|director|senior|boss|ceo|head)|"
        r"(?:manager|supervisor|management|director) to (?:look|call|explain|deal)|i (?:want|demand|expect|insist|would like) (?:you |an? |to know (?:why|who|what)|someone to|somebody to|this )[^.?!]{0,40}(?:explain|answer|refund|look|sorry|fix|investigat|responsible|happen|right)|"
        r"leav(?:e|ing) (?:you|the bank|your bank)|closing my accounts?|mov(?:e|ing) (?:my money |my accounts? )?to another bank|feedback|criticis\w+|critici[sz]e)",
        "zh": r"道歉|赔|补偿|抱歉|认错|说法|交代|给个(?:说法|解释|答复|交代)|讨|追究|问责|责任|投诉|反映|举报|往上|上级|领导|主管|总行|高层|负责人|媒体|曝光|监管|律师|起诉|法院|消协|消费者协会|仲裁|纠正|改正|整改|请(?:查|调查|彻查|核查)|查一查|记录在案|过问|换(?:别的)?(?:一家)?银行|销户走|意见",
    },
    "challenges": {
        "en": r"\bhow (?:hard|difficult|long|many|dare|can it|is it possible|can you|on earth|come|could you|could this|is (?:this|that) (?:fair|right|acceptable|okay|ok))\b|\bwhy (?:should|must|do|did|does|am|are|is|was|were|has|have|would|was ?n't|is ?n't|do ?n't|ca ?n't)\b|"
        r"\bwho (?:do i|am i supposed|is going to|will|takes|pays)\b|\bdo you (?:think|really|even|realise|realize|care|call)\b|\bis (?:this|that|it) (?:how|what|the way|too much|normal|acceptable|right|fair)|\bwhat (?:kind|sort) of (?:bank|service|people|place)|"
        r"\bhonestly\b|\bseriously\b|\bare you (?:kidding|serious|joking)|\bsince when\b|\bthat is (?:not )?(?:how|no way)|\bnot how\b|\bshould (?:be|not|never|have)\b|\bought to\b|\bnot my (?:fault|problem|job)",
        "zh": r"凭什么|为什么|为啥|怎么(?:能|可以|会|对待|回事|还|这么|就)|难道|有(?:那么|这么)难|到底|究竟|难(?:吗|不成)|合适吗|应该吗|合理吗|正常吗|对吗|该信谁|谁来|谁负责|我(?:的)?[^。？！]{1,6}呢|什么(?:银行|服务|意思|道理|东西)|这(?:样|就是|叫|算)[^。？！]{0,8}(?:吗|服务|态度|对待)|岂有此理|不(?:应该|该)|至于吗|好意思",
    },
    "calls_unjust": {
        "en": r"\bunfair\w*|\bunjust\w*|\bunreasonable\b|\bunacceptable\b|\bmisl[ea]d\w*|\bmis-?s[eo]l[ld]\w*|\bdeceiv\w+|\bdishonest\w*|\blie[ds]?\b|\bpressured?\b|\bdiscriminat\w+|\bviolat\w+|\bbreach\w*|\bprivacy\b|\bhidden\b|\bunlawful\w*|\billegal\w*|\bwrongly\b|\bwrongful\w*|"
        r"\bincompetent\b|\bnegligen\w+|\bmishandl\w+|\bmistreat\w+|\bdid not (?:need|want|ask for|agree)|\bnever (?:agreed|asked|wanted|explained)|\bno reason\b|\bnot (?:right|fair|acceptable|good enough|the way|taken seriously)",
        "zh": r"不公|不平等|不合理|霸王|歧视|区别对待|误导|隐瞒|欺骗|骗我|逼|强(?:迫|制|行|买)|捆绑|乱收|乱扣|多收|违规|违法|侵犯|隐私|泄露|藏在|没讲(?:过)?风险|没(?:有)?(?:告知|说明)|根本没要|用不着|冤枉|无理|违约|不诚信|坑",
    },
    "was_treated": {
        "en": r"\b(?:tone|manners?|attitude|behaviou?r|the way)\b|\bspoken to\b|\btreat\w*\b|\b(?:in front of|out loud)\b|\b(?:eyes|shrugged|sighed|smirk\w*|grinn\w+|sneer\w*|raised (?:his|her|their) voice|hung up|ended the call|cut me off|talked over|turned (?:his|her) back|waved me)\b|"
        r"\b(?:elderly|disab\w+|wheelchair|headscarf|accent|pregnan\w+|widow\w*|race|skin|gender)\b|\bloyal customer|\bcustomer (?:since|for)\b",
        "zh": r"态度|口气|语气|脸色|白眼|对待|对我(?:说话|大吼|吼|爱理不理)|当(?:着|众)|大声|打断|撂|挂(?:断|了)|耸|叹气|冷笑|嘲|瞧不起|看不起|老人|残疾|轮椅|头巾|口音|孕|老客户|多年(?:的)?(?:老)?客户|年就是客户|爱理不理|不理不睬",
    },
    "for_another": {
        "en": r"^\W*(?:the )?(?:customer|caller|client|member|she|he|mr|mrs|ms)\b",
        "zh": r"^\W*(?:客户|来电人|来电者|该客户|用户|老人|先生|女士)",
    },
    "strange_hand": {
        "en": r"\b(?:some(?:one|body)|strangers?|unknown|never heard|nothing about|not mine|not ours|not us|somebody else|another person|a (?:new|strange|foreign) (?:device|payee|phone)|whoever|thie\w+|crook\w*|criminal\w*|intruder|hacker\w*|carer|ex\b|"
        r"by itself|on its own|without my (?:knowledge|consent|permission))|\bwhile (?:my|the) card (?:is|was)|\bi (?:was|am|live) (?:not |nowhere |here|in )\b|\bi (?:do not|don't|never) (?:bet|gamble|shop|know)",
        "zh": r"有人|别人|他人|陌生|不认识|从没听说|毫不知情|不知道(?:是)?谁|不是(?:我|我们|本人)|新设备|异地|境外|凌晨|半夜|前夫|前妻|护工|盗|贼|黑客|被(?:人|侵入|改|复制|掉包|换)|在我(?:手|口袋|身)|我(?:在|住)[^。？！]{1,6}(?:却|没)|从(?:不|没)(?:赌|去过|用过|买过)",
    },
    "was_robbed": {
        "en": r"\b(?:emptied|drained|cleaned out|siphoned|snatched|grabbed|pickpocket\w*|mugged|robbed|robbery|burgl\w+|broke(?:n)? in(?:to)?|hacked|hijack\w*|cloned|skimm\w+|copied|swapped|"
        r"altered|tampered|forged|falsified|intercepted|leaked|compromised|sim[- ]swap\w*|lost signal|stolen|stole)\b|\b(?:account|savings|balance) (?:was|is|were|are) (?:suddenly )?(?:empty|zero|gone)|"
        r"\b(?:money|funds?|savings|[€£$]?\d[\d,.]*(?: (?:euros?|pounds?|dollars?|yuan))?) (?:was|were|has|have|had|went|is|just)(?: been| gone)? (?:out|withdrawn|spent|taken|missing|gone|transferred|moved|sent|left)|"
        r"\b(?:test|small|tiny) (?:payments?|charges?|debits?)|\b(?:changed|different|new) (?:account number|bank details|iban|sort code)|\bopened (?:in|under|with) my\b|\bin my name\b",
        "zh": r"空了|清空|转走|取走|刷走|划走|骗走|卷走|偷|抢|被(?:刷|转|取|盗|划|扣走|登|绑|改|开|贷|套)|掉包|调包|涂改|篡改|伪造|被改成|侵入|入侵|泄露|泄漏|没(?:了)?信号|试扣|小额(?:试|扣)|复制|克隆|"
        r"不翼而飞|(?:钱|款|余额|存款)(?:都|全|就)?(?:没了|不见了|少了)|名下(?:多|冒)|以我(?:的)?名义|换了(?:收款)?账号|账号(?:被)?(?:改|换)",
    },
    "was_lured": {
        "en": r"\b(?:scam\w*|con\b|conned|fake|phish\w*|trick\w*|fraud\w*|suspicious|link|qr code|one[- ]time (?:pass)?code|passcode|otp|remote|anydesk|teamviewer|crypto\w*|bitcoin|gift cards?|safe account|romance|met online|deep ?fake|rebates?|advance fee|lottery|prize|investment platform|trading platform|"
        r"release (?:my|the) (?:money|profit|funds)|pay (?:a |an? )?(?:fee|tax|deposit) (?:to|before|first)|disappeared|vanished|does(?: not|n't) exist|blocked me|been had|taken in|impersonat\w+|pretend\w*|claim(?:ed|ing|s) to be|police officer|microsoft)\b",
        "zh": r"骗|假的|假(?:客服|网站|链接|二维码|公司|警察)|钓鱼|可疑|链接|二维码|验证码|动态码|远程|共享屏幕|虚拟币|比特币|礼品卡|安全账户|网恋|网上认识|炒(?:汇|币|股群)|平台|提现|刷单|兼职|入职费|保证金|解冻费|消失|蒸发|拉黑|不存在|冒充|自称|公安|套路|坑|转移资金|中奖|返利|念给|告诉(?:了)?(?:对方|他|她)|换脸|像我(?:领导|老板|儿子|女儿)|对方",
    },
    "disowns": {
        "en": r"\b(?:did ?n[o']t|did not|never|have ?n[o']t|have not|neither\b[^.?!]{0,20}\bnor i|nobody here|no one here)\b[^.?!]{0,20}\b(?:mak|made|authori|recogni|bought|buy|order|request|ask for|sign|approv|open|appl|do|done|know)\w*|\bdo(?:n't| not) (?:recogni|know)\w*|\bunrecogni\w+|\bunauthori\w+|\bunfamiliar\b|\bwas(?: not|n't) (?:me|us)\b|\bunknown\b",
        "zh": r"(?:没|未|没有|从未|并未)(?:授权|操作|消费|申请|买|下单|签|办|做过|刷|开过|转过|同意)|不是我(?:们)?(?:弄|操作|做|买|刷|办|签|的)?|不(?:认识|认得|知情|明)|都没(?:买|刷|用|操作)|谁都没|未知|不明",
    },
}
_COMPILED = [
    [
        re.compile(pattern, re.IGNORECASE | (re.ASCII if language == "en" else 0))
        for language, pattern in _FORMS[act].items()
    ]
    for act in ACTS
]


def acts_of(text: str) -> list[Act]:
    """The acts whose forms the text uses; both languages' forms read it, since people mix them."""
    read = text[:READ].replace("’", "'")
    return [
        act
        for act, forms in zip(ACTS, _COMPILED, strict=True)
        if any(form.search(read) for form in forms)
    ]


def act_features(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row for each text: a column for each act, and how many grievances are said together, 1 for three."""
    rows = np.zeros((len(texts), ACT_COLUMNS), np.float32)
    for row, text in zip(rows, texts, strict=True):
        acts = acts_of(text)
        row[[ACTS.index(act) for act in acts]] = 1
        row[-1] = len(GRIEVANCES.intersection(acts)) / 3
    return rows
