"""What errors say in Chinese. They are raised in English, by whichever part finds them; who reads Chinese is told in Chinese.

A test reads the sources and fails when one of them has no line here.
"""

from __future__ import annotations

from actions.compliance.checks import DECISION_NAMES
from actions.tickets.names import STAFF_STATE_NAMES
from core.languages import Language
from core.sentences import Sentence, told

THINGS = {
    "account": "账户",
    "article": "文章",
    "attachment": "附件",
    "campaign": "营销活动",
    "card": "卡片",
    "case": "案件",
    "complaint": "投诉",
    "contact": "活动记录",
    "conversation": "对话",
    "corrective action": "整改措施",
    "customer": "客户",
    "decision": "决定",
    "document": "证件",
    "file": "文件",
    "filter of yours": "您保存的筛选",
    "import": "导入任务",
    "job": "任务",
    "kind of request": "业务类型",
    "lead": "商机",
    "live model": "在用模型",
    "load": "加载记录",
    "macro": "批量操作",
    "merge": "合并记录",
    "offer": "推荐",
    "open conversation": "进行中的对话",
    "open gap": "未答问题",
    "owner": "受益所有人",
    "page": "页面",
    "problem": "问题",
    "question set": "问题集",
    "quote": "报价",
    "ranking model": "排序模型",
    "ready answer": "常用答复",
    "reminder": "提醒",
    "report": "报表",
    "review": "复核",
    "segment": "客群",
    "source": "数据源",
    "suggestion": "建议",
    "ticket": "工单",
    "turn": "对话轮次",
    "version": "版本",
    "version of the rules": "规则版本",
    "watchlist entry": "名单条目",
    "webhook": "回调地址",
    "template": "模板",
    "policy": "服务级别",
    "calendar": "日历",
    "cause": "根本原因",
    "jurisdiction": "管辖地",
    "service": "业务类型",
    "rules": "规则",
    "letter": "信函",
}
STATES = (
    STAFF_STATE_NAMES
    | DECISION_NAMES
    | {
        "draft": "草稿",
        "in_review": "审核中",
        "approved": "已批准",
        "published": "已发布",
        "running": "进行中",
        "paused": "已暂停",
        "ended": "已结束",
        "contacted": "已联系",
        "qualified": "已确认",
        "offered": "已报价",
        "won": "赢单",
        "lost": "丢单",
        "received": "已收到",
        "verified": "已核实",
        "rejected": "已拒绝",
        "none": "无",
        "undone": "已撤销",
        "merged": "已合并",
        "kept apart": "已分开",
        "expired": "已过期",
        "sent": "已发送",
        "accepted": "已接受",
        "submit": "提交审核",
        "approve": "批准",
        "publish": "发布",
        "archive": "归档",
    }
)

SENTENCES = (
    # who may
    Sentence(
        "Sign in, or send a valid token in the Authorization header.",
        "请先登录，或在 Authorization 头中提供有效令牌。",
    ),
    Sentence("The address or the password is wrong.", "邮箱或密码不正确。"),
    Sentence(
        "Your session at the bank has ended: sign in there again.",
        "您在银行的登录已结束，请重新登录。",
    ),
    Sentence(
        "The CSRF token is missing or wrong: reload the page.", "安全令牌缺失或不正确，请刷新页面。"
    ),
    Sentence("This is for staff.", "仅限员工使用。"),
    Sentence("This is for staff and applications.", "仅限员工和应用使用。"),
    Sentence(
        "This needs the permission {permission}, which you do not have.",
        "您没有所需权限 {permission}。",
    ),
    Sentence("There is no such {what} that you may see.", "没有您可以查看的{what}。", what=THINGS),
    Sentence(
        "Too many requests: try again in {seconds} seconds.",
        "请求过于频繁，请在 {seconds} 秒后重试。",
    ),
    Sentence("The database did not answer in time: try again.", "数据库未及时响应，请重试。"),
    Sentence(
        "A value has a character or a size that cannot be kept.",
        "有内容含有无法保存的字符，或超出可保存的范围。",
    ),
    Sentence("The address has a NUL character.", "地址中含有空字符（NUL）。"),
    Sentence(
        "The header {name} must be ASCII of at most {most} characters.",
        "请求头 {name} 只能使用 ASCII 字符，且不超过 {most} 个字符。",
    ),
    Sentence("The body is not UTF-8.", "请求内容不是 UTF-8 编码。"),
    Sentence(
        "The body has a number that is too long, or too many levels.",
        "请求内容中的数字过长，或层级过多。",
    ),
    Sentence(
        "The body has {name}, which is no number of JSON.",
        "请求内容含有 {name}，不是有效的 JSON 数字。",
    ),
    Sentence("The body has more than {most} levels.", "请求内容超过 {most} 层。"),
    Sentence("The body has a number that is out of range.", "请求内容中的数字超出范围。"),
    Sentence("The body has a NUL character.", "请求内容含有空字符（NUL）。"),
    Sentence(
        "The body has half a character (a lone surrogate).",
        "请求内容含有不完整的字符（单独的代理项）。",
    ),
    Sentence(
        "It was changed meanwhile: the current version is {version}. Read it again and repeat.",
        "内容已被他人修改，当前版本为 {version}，请刷新后重试。",
    ),
    Sentence(
        "Send the version you read in the If-Match header.", "请在 If-Match 头中提供读取时的版本。"
    ),
    Sentence("Send the version as a number.", "版本须为数字。"),
    Sentence(
        "There is a version {version} already: send it in If-Match.",
        "已有版本 {version}，请在 If-Match 中提供。",
    ),
    Sentence(
        "A {what} that is {now} cannot become {wanted}; possible: {possible}.",
        "{what}当前为“{now}”，不能变为“{wanted}”；可变为：{possible}。",
        what=THINGS,
        now=STATES,
        wanted=STATES,
        possible=STATES,
    ),
    Sentence(
        "This key was used for another request: take a new one.", "该幂等键已用于其他请求，请更换。"
    ),
    Sentence(
        "The first request with this key has not ended yet: repeat it shortly.",
        "使用该幂等键的首个请求尚未完成，请稍后重试。",
    ),
    Sentence(
        "The cursor is not valid: take next_cursor of the page before.",
        "分页游标无效，请使用上一页的 next_cursor。",
    ),
    # accounts of staff and applications
    Sentence("The role must be one of {roles}.", "角色须为以下之一：{roles}。"),
    Sentence(
        "The password must have at least {least} characters.", "密码至少需要 {least} 个字符。"
    ),
    Sentence("There is an account with this address already.", "该邮箱已有账户。"),
    Sentence("Unknown scopes: {scopes}.", "未知权限：{scopes}。"),
    Sentence("Unknown events: {events}. Known: {known}.", "未知事件：{events}。可用：{known}。"),
    Sentence("A webhook needs an https address.", "回调地址须使用 https。"),
    Sentence("The host {host} cannot be found.", "找不到主机 {host}。"),
    Sentence("The host {host} is not on a public address.", "主机 {host} 不是公网地址。"),
    # conversations
    Sentence("The conversation is closed.", "对话已结束。"),
    Sentence("The conversation is closed already.", "对话已经结束。"),
    Sentence("The conversation is closed: open a new one.", "对话已结束，请开始新的对话。"),
    Sentence("Another agent has it.", "其他客服已领取。"),
    Sentence("Claim the conversation first.", "请先领取对话。"),
    Sentence(
        "This identity is not the one of this conversation: open a new one with it.",
        "该身份与此对话不符，请用它开始新的对话。",
    ),
    Sentence(
        "The identity token names no second factor: its claim amr must contain mfa.",
        "身份令牌未包含第二重验证（amr 须含 mfa）。",
    ),
    Sentence(
        "There is no such colleague who may talk with customers.", "没有这位可接待客户的同事。"
    ),
    Sentence("A conversation holds at most {most} files.", "一个对话最多可有 {most} 个文件。"),
    Sentence("Write something to send.", "请先输入内容。"),
    Sentence(
        "The understanding is starting or away: try again in a minute.",
        "语义理解正在启动或暂不可用，请一分钟后重试。",
    ),
    Sentence(
        "Acknowledge what the copilot warns of first: {codes}.", "请先确认智能副驾的提醒：{codes}。"
    ),
    Sentence("Say in a few words what is wrong with it.", "请简要说明哪里有误。"),
    # files
    Sentence("The file is empty.", "文件为空。"),
    Sentence("The file is larger than {most} MB.", "文件超过 {most} MB。"),
    Sentence(
        "Files of this type are not taken. Send one of: {types}.",
        "不接受此类文件，可发送：{types}。",
    ),
    Sentence(
        "The content is {found}, but the name ends in {suffix}.",
        "文件内容是 {found}，但扩展名是 {suffix}。",
    ),
    Sentence(
        "Files cannot be checked at the moment: try again in some minutes.",
        "暂时无法检查文件，请几分钟后重试。",
    ),
    Sentence(
        "The file was refused, because a virus scanner found something in it.",
        "文件被拒绝：病毒扫描发现问题。",
    ),
    # tickets
    Sentence("A ticket holds at most {most} files.", "一个工单最多可有 {most} 个文件。"),
    Sentence("There is no such active employee.", "没有这位在职员工。"),
    Sentence(
        "This employee has as many open tickets as they may: choose another, or raise the limit.",
        "该员工的工单数已达上限，请另选他人或提高上限。",
    ),
    Sentence("There is no calendar {calendar}: {known}.", "没有日历 {calendar}，可用：{known}。"),
    Sentence("Name a person (assignee) or a queue.", "请指定负责人或队列。"),
    Sentence("Internal comments are for staff.", "内部留言仅限员工。"),
    Sentence(
        "This ticket was closed long ago: open a new one and name its reference.",
        "该工单早已关闭，请新建工单并注明其编号。",
    ),
    Sentence(
        "A complaint is closed with its root cause and outcome: it lacks {missing}.",
        "投诉结案须有根本原因和结论，尚缺：{missing}。",
    ),
    Sentence(
        "A ticket cannot be merged into itself or into one that was merged, nor merged twice.",
        "工单不能并入自身或已被合并的工单，也不能重复合并。",
    ),
    Sentence("Only tickets of the same customer can be merged.", "只能合并同一客户的工单。"),
    Sentence(
        "A complaint cannot be merged into another kind of ticket: its deadlines would be lost.",
        "投诉不能并入其他类型的工单，否则会丢失其时限。",
    ),
    Sentence("There is no cause {cause}: one of {known}.", "没有根本原因 {cause}，可选：{known}。"),
    Sentence(
        "A ticket cannot hang under itself or under one that hangs under another.",
        "工单不能挂在自身或其他子工单之下。",
    ),
    Sentence(
        "This ticket has others under it: take them off first.", "该工单下有子工单，请先移出。"
    ),
    Sentence("Customers rate their own tickets.", "工单由客户本人评价。"),
    Sentence("A ticket is rated when it is resolved.", "工单解决后才能评价。"),
    Sentence(
        "This ticket is open, under legal hold, or must be kept by law for now.",
        "该工单未结、处于法律保全，或依法须暂时保留。",
    ),
    Sentence("There is no such conversation.", "没有这个对话。"),
    Sentence("The mail has no sender.", "邮件没有发件人。"),
    Sentence("The mail has neither a subject nor a text.", "邮件既无主题也无正文。"),
    Sentence("The transcript is empty.", "通话记录为空。"),
    Sentence(
        "The file is not UTF-8: save it as CSV UTF-8.", "文件不是 UTF-8 编码，请另存为 CSV UTF-8。"
    ),
    Sentence("Unknown columns: {columns}. Known: {known}.", "未知列：{columns}。可用：{known}。"),
    Sentence("A column `description` is needed.", "缺少 `description` 列。"),
    Sentence(
        "A file holds at most {most} rows: send the rest in another.",
        "一个文件最多 {most} 行，其余请另行发送。",
    ),
    Sentence("There is no customer {number}.", "没有客户 {number}。"),
    Sentence("There is no such customer.", "没有这个客户。"),
    Sentence("Unknown: {names}.", "未知：{names}。"),
    Sentence(
        "Some answers are missing or not valid: see errors.", "部分答案缺失或无效，详见 errors。"
    ),
    Sentence("Sign in to ask for this, or visit a branch.", "请登录后办理，或前往网点。"),
    Sentence(
        "Confirm with your second factor that it is you, then ask again.",
        "请先完成第二重验证，然后再办理。",
    ),
    Sentence(
        "Resolve the ticket first: what solved it is what an article would say.",
        "请先解决工单：解决办法才是文章要写的内容。",
    ),
    Sentence(
        "A problem is closed with its cause: name it first.", "问题结案须有根本原因，请先填写。"
    ),
    Sentence("It was done already.", "已经完成。"),
    # complaints
    Sentence(
        "There is no jurisdiction {jurisdiction}: {known}.",
        "没有管辖地 {jurisdiction}，可用：{known}。",
    ),
    Sentence(
        "The customer has been told the outcome: reopen the ticket and write again.",
        "已告知客户结论，请重新打开工单后再写。",
    ),
    Sentence("Redress is more than nothing.", "补偿金额须大于零。"),
    Sentence("Redress was approved already.", "补偿已获批准。"),
    Sentence("No redress waits for a decision.", "没有待决定的补偿。"),
    Sentence(
        "Redress is approved by another supervisor than who proposed it.",
        "补偿须由提议人以外的主管批准。",
    ),
    Sentence("The customer has the final answer already.", "客户已收到最终答复。"),
    Sentence("The complaint was acknowledged already.", "投诉已确认受理。"),
    Sentence(
        "Decide the outcome first: upheld, partly or not_upheld.",
        "请先作出结论：成立、部分成立或不成立。",
    ),
    Sentence("Redress still waits for its approval.", "补偿尚待批准。"),
    Sentence(
        "The time for a summary resolution is over: write the final response.",
        "简易处理期限已过，请撰写最终答复。",
    ),
    # the rule book
    Sentence(
        "No service level is promised for a {kind} of {priority} priority: add a policy.",
        "没有适用于 {kind}（{priority}）的服务级别，请先添加。",
    ),
    Sentence(
        "Policies or jurisdictions go by this calendar: change them first.",
        "有服务级别或管辖地使用此日历，请先修改它们。",
    ),
    Sentence(
        "This is the only policy that fits every ticket: add another first.",
        "这是唯一适用于所有工单的服务级别，请先添加另一个。",
    ),
    Sentence("The routing rules can be changed, not taken away.", "路由规则可以修改，不能删除。"),
    Sentence("The {kind} is not valid: see errors.", "{kind}无效，详见 errors。", kind=THINGS),
    Sentence(
        "There is no letter {letter}: add the template first.", "没有信函 {letter}，请先添加模板。"
    ),
    Sentence(
        "There is no cause {cause} for it to belong to: add that first.",
        "没有上级原因 {cause}，请先添加。",
    ),
    # customers
    Sentence("Note it when it has happened.", "请在事件发生后再记录。"),
    Sentence("One of them is no customer.", "其中有人不是客户。"),
    Sentence(
        "These have not agreed to be shown in a household: {names}.",
        "以下客户未同意显示在家庭视图中：{names}。",
    ),
    Sentence("Name an active agent or supervisor.", "请指定在职的客服或主管。"),
    Sentence("The questionnaire is not complete: see errors.", "问卷未完成，详见 errors。"),
    Sentence("It was decided already: {state}.", "已有决定：{state}。", state=STATES),
    Sentence("A customer cannot be merged into itself.", "客户不能与自身合并。"),
    Sentence(
        "One of them was merged already: undo that first, or merge with the one who was kept.",
        "其中一位已被合并，请先撤销，或与保留的客户合并。",
    ),
    Sentence("A person and an organisation cannot be one customer.", "个人与机构不能是同一客户。"),
    Sentence("It was undone already.", "已经撤销。"),
    Sentence("The customer has been merged elsewhere since.", "该客户之后已并入其他客户。"),
    Sentence("The connector is not valid: see errors.", "连接配置无效，详见 errors。"),
    Sentence("The folder {folder} of the source is missing.", "数据源目录 {folder} 不存在。"),
    Sentence("The host {host} is not among SOURCE_HOSTS.", "主机 {host} 不在 SOURCE_HOSTS 中。"),
    Sentence(
        "The description names a server that is not among SOURCE_HOSTS.",
        "接口描述中的服务器不在 SOURCE_HOSTS 中。",
    ),
    Sentence("The source does not answer as it should ({error}).", "数据源响应异常（{error}）。"),
    Sentence(
        "The source's description has no operation {name}.", "数据源的接口描述中没有操作 {name}。"
    ),
    # compliance
    Sentence("The case is closed.", "案件已结案。"),
    Sentence(
        "Nobody has proposed how this case ends: propose it first.",
        "尚无人提议处置结论，请先提议。",
    ),
    Sentence(
        "Another person must decide about what you proposed (four eyes).",
        "您提议的事项须由他人决定（四眼原则）。",
    ),
    Sentence(
        "Another person releases what you checked (four eyes).",
        "您核查的事项须由他人放行（四眼原则）。",
    ),
    Sentence(
        "Only a review can be released; this was decided as {decision}.",
        "只有需复核的决定可以放行，该决定为“{decision}”。",
        decision=STATES,
    ),
    Sentence("It was released already.", "已经放行。"),
    Sentence(
        "An officer decided this; replay the decision that it releases.",
        "这是合规专员作出的决定，请复算其放行的原决定。",
    ),
    Sentence(
        "This version decided by rules that are not here any more: {rules}.",
        "该决定所用规则已不存在：{rules}。",
    ),
    Sentence("A product sale needs the product.", "产品销售核查须指定产品。"),
    Sentence("There is no such product.", "没有这个产品。"),
    Sentence("A document is not issued in the future.", "证件签发日期不能在将来。"),
    Sentence(
        "The document is {state}; only one that was received is decided about.",
        "证件状态为“{state}”，只能对已收到的证件作决定。",
        state=STATES,
    ),
    Sentence("The document has expired: ask for a new one.", "证件已过期，请索取新证件。"),
    Sentence("Say why it is rejected.", "请说明拒绝原因。"),
    Sentence("Beneficial owners belong to organisations.", "只有机构才有受益所有人。"),
    Sentence("Others hold {held} % already.", "他人已持有 {held} %。"),
    Sentence("Not complete yet: {missing}.", "尚未完成：{missing}。"),
    Sentence("A time within the last {days} days.", "须为最近 {days} 天内的时间。"),
    Sentence(
        "This is no targets.simple.csv: it lacks {columns}.",
        "这不是 targets.simple.csv，缺少：{columns}。",
    ),
    Sentence(
        "The file begins with {found}, not with {wanted}.", "文件以 {found} 开头，应为 {wanted}。"
    ),
    Sentence(
        "The file declares entities, which lists do not need: it is not read.",
        "文件声明了名单不需要的实体，未读取。",
    ),
    Sentence("The file has no entry that can be used.", "文件中没有可用条目。"),
    Sentence("The file is not UTF-8.", "文件不是 UTF-8 编码。"),
    Sentence("The file is not well-formed XML: {error}.", "文件不是格式正确的 XML：{error}。"),
    Sentence(
        "The file lacks {gone} of the {live} entries of {code}: if that is right, load it with shrinking=true.",
        "文件缺少名单 {code} 现有 {live} 条中的 {gone} 条；若确实如此，请以 shrinking=true 加载。",
    ),
    # sales and marketing
    Sentence(
        "A campaign that is {state} cannot be changed: pause it first.",
        "活动当前为“{state}”，请先暂停再修改。",
        state=STATES,
    ),
    Sentence(
        "Another person starts what you wrote (four eyes).",
        "您编写的活动须由他人启动（四眼原则）。",
    ),
    Sentence("Say why it was lost.", "请说明丢单原因。"),
    Sentence("Quotes are made for leads that are qualified.", "商机确认后才能报价。"),
    Sentence("The quote would be over already.", "报价有效期已过。"),
    Sentence(
        "The sale check says {decision}: {reason}",
        "销售核查结果为“{decision}”：{reason}",
        decision=STATES,
        within="reason",
    ),
    Sentence(
        "A contract is prepared when the quote is accepted, and signed when it is prepared.",
        "报价被接受后才能拟定合同，拟定后才能签署。",
    ),
    Sentence(
        "There is no exchange rate of {currency} on or before {day}.",
        "{day} 及之前没有 {currency} 的汇率。",
    ),
    Sentence(
        "Rates are quoted against {currency}: leave it out.",
        "汇率均以 {currency} 为基准，请勿填写该币种。",
    ),
    Sentence("There is no product {ids}.", "没有产品 {ids}。"),
    Sentence(
        "Only {told} pieces of advice led to a purchase; {least} are needed to learn from.",
        "只有 {told} 次建议促成购买，至少需要 {least} 次才能学习。",
    ),
    Sentence("There are statements about {kinds}.", "可测评的产品类别：{kinds}。"),
    Sentence("Answer all {count} statements.", "请回答全部 {count} 个陈述。"),
    # knowledge
    Sentence(
        "There is an article {slug} in this language already: change that one.",
        "该语言已有文章 {slug}，请直接修改。",
    ),
    Sentence(
        "An article in state {state} cannot do {step}; possible: {possible}.",
        "文章当前为“{state}”，不能“{step}”；可以：{possible}。",
        state=STATES,
        step=STATES,
        possible=STATES,
    ),
    Sentence("Your own article must be approved by somebody else.", "您自己的文章须由他人批准。"),
    Sentence(
        "Say which answer (message_id) or article (article_id) it is about.",
        "请指明是哪个回答（message_id）或哪篇文章（article_id）。",
    ),
    Sentence(
        "{verdict} Send accept_losses to publish all the same.",
        "{verdict}如仍要发布，请勾选接受损失。",
        within="verdict",
    ),
    Sentence("Give a time to come, with its zone.", "请填写将来的时间（含时区）。"),
    Sentence(
        "Only an approved article can be given a time to go live.", "只有已批准的文章可以定时发布。"
    ),
    Sentence(
        "No article of this import is in review: import with `submit`, or submit them one by one.",
        "该导入没有待审核的文章，请在导入时提交审核，或逐篇提交。",
    ),
    Sentence(
        "There is no article {slug} in the language {language}.",
        "没有语言为 {language} 的文章 {slug}。",
    ),
    Sentence(
        "Imported articles are reviewed first: send `submit`, then approve the import.",
        "导入的文章须先审核：请提交审核，再批准导入。",
    ),
    Sentence(
        "Send a file (multipart field `file`) or a `url`.", "请提供文件（字段 `file`）或 `url`。"
    ),
    Sentence(
        "Send a file as multipart/form-data, or JSON with a url.",
        "请以 multipart/form-data 发送文件，或发送含 url 的 JSON。",
    ),
    Sentence("The import is not valid.", "导入请求无效。"),
    Sentence("Give an https address.", "请填写 https 地址。"),
    Sentence("An address with a password in it is not fetched.", "不读取含密码的地址。"),
    Sentence(
        "The host {host} is not one that we import from: add it to IMPORT_HOSTS.",
        "主机 {host} 不在允许导入的范围内，请加入 IMPORT_HOSTS。",
    ),
    # files that are imported
    Sentence("Reading took more than {seconds} seconds.", "读取超过 {seconds} 秒。"),
    Sentence(
        "Reading it needs too much memory, or crashed the parser.",
        "读取所需内存过大，或解析程序崩溃。",
    ),
    Sentence(
        "Two parts of the file have the slug {slug}: give them different ones.",
        "文件中有两部分使用标识 {slug}，请改为不同标识。",
    ),
    Sentence(
        "The archive has {count} files; at most {most} are taken: split it.",
        "压缩包有 {count} 个文件，最多接受 {most} 个，请拆分。",
    ),
    Sentence(
        "The archive unpacks to more than {most} MB: split it.",
        "压缩包解压后超过 {most} MB，请拆分。",
    ),
    Sentence(
        "Files of type {kind} are not read; known are {known} and .zip.",
        "不读取 {kind} 类型的文件，可用：{known} 和 .zip。",
    ),
    Sentence("The file is nested too deeply.", "文件嵌套过深。"),
    Sentence(
        "The file is damaged or not what its name says ({error}).",
        "文件已损坏，或与扩展名不符（{error}）。",
    ),
    Sentence("The file has no text.", "文件没有文字。"),
    Sentence(
        "The text is in no encoding that we know: save it as UTF-8.",
        "文字编码无法识别，请另存为 UTF-8。",
    ),
    Sentence(
        "The text is damaged, or mixes encodings: save it as UTF-8.",
        "文字已损坏或混用编码，请另存为 UTF-8。",
    ),
    Sentence(
        "The page is in no encoding that we know: save it as UTF-8.",
        "网页编码无法识别，请另存为 UTF-8。",
    ),
    Sentence("It is named {ending} and is none.", "扩展名是 {ending}，内容却不是。"),
    Sentence("The PDF is locked with a password.", "PDF 有密码保护。"),
    Sentence("The PDF is damaged.", "PDF 已损坏。"),
    Sentence(
        "The PDF has {count} pages; at most {most} are read: split it.",
        "PDF 有 {count} 页，最多读取 {most} 页，请拆分。",
    ),
    Sentence(
        "The PDF has no text, only pictures: run text recognition over it first.",
        "PDF 只有图片没有文字，请先进行文字识别。",
    ),
    Sentence(
        "A table needs a head with the columns question and answer (问题, 答案).",
        "表格须有表头，含“问题”和“答案”两列。",
    ),
    Sentence("The table has more than {most} rows: split it.", "表格超过 {most} 行，请拆分。"),
    Sentence(
        "The file unpacks to far more than it is: it is not read.", "文件解压后过大，未读取。"
    ),
    # figures
    Sentence(
        "Give times with their zone, such as {example}.", "请填写含时区的时间，例如 {example}。"
    ),
    Sentence("The period must begin before it ends.", "开始时间须早于结束时间。"),
    Sentence("This report is narrowed by {columns}.", "此报表可按以下项筛选：{columns}。"),
    Sentence("This report is grouped by {columns}.", "此报表可按以下项分组：{columns}。"),
    Sentence("Say to whom it is sent.", "请填写收件人。"),
    Sentence(
        "Not somebody here who may read figures: {names}.",
        "以下收件人不是有权查看报表的员工：{names}。",
    ),
    # what a request's fields must be
    Sentence("Some fields are not valid: see errors.", "部分字段无效，详见 errors。"),
    Sentence("Field required", "必填"),
    Sentence("Extra inputs are not permitted", "不接受此字段"),
    Sentence("String should have at least {least} character", "至少 {least} 个字符"),
    Sentence("String should have at least {least} characters", "至少 {least} 个字符"),
    Sentence("String should have at most {most} characters", "最多 {most} 个字符"),
    Sentence("Input should be {what}", "应为 {what}"),
    Sentence("Input should be greater than or equal to {least}", "不小于 {least}"),
    Sentence("Input should be less than or equal to {most}", "不大于 {most}"),
    Sentence("Input should be greater than {least}", "大于 {least}"),
    Sentence("Value error, {reason}", "{reason}", within="reason"),
)


def reader_of(accepted: str | None) -> Language:
    """The language of who reads, from the header Accept-Language: the first of ours that it names, else English."""
    for part in (accepted or "").lower().split(","):
        name = part.split(";")[0].strip()[:2]
        if name in ("en", "zh"):
            return "zh" if name == "zh" else "en"
    return "en"


def told_to(accepted: str | None, text: str) -> str:
    """What an error says, in the language of who reads it."""
    return told(text, reader_of(accepted))
