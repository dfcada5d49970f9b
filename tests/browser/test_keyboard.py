"""Each journey without a mouse: whatever is used is reached with Tab and used with the keys that its kind is used with."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.bank import Bank

STEPS = 120  # of Tab, the most that anything may be away
# What the focused control is called, inside whatever shadow root it lies.
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const host = at?.getRootNode() instanceof ShadowRoot ? at.getRootNode().host : null;
  const label = at?.labels?.length ? at.labels[0].textContent : "";
  const said = at?.getAttribute("aria-label") || label || at?.placeholder || at?.textContent || "";
  return (said.trim() || host?.getAttribute("summary") || "").replace(/\\s+/g, " ").trim();
}"""


def reach(page: Page, called: str) -> None:
    """Press Tab until the control of this name, as a pattern from its beginning, has the focus."""
    passed: list[str] = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        name = str(page.evaluate(FOCUSED))
        if re.match(called, name):
            return
        passed.append(name[:30])
    raise AssertionError(f"Tab never reached {called!r}; it passed {passed}")


def write(page: Page, called: str, text: str) -> None:
    """Reach a field and write into it."""
    reach(page, called)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def press(page: Page, called: str) -> None:
    """Reach a button or a link and press it."""
    reach(page, called)
    page.keyboard.press("Enter")


def choose(page: Page, called: str, steps: int) -> None:
    """Reach a list and go down in it."""
    reach(page, called)
    for _ in range(steps):
        page.keyboard.press("ArrowDown")


def choose_from_menu(page: Page, called: str, value: str) -> None:
    """Open a menu and go down in it to the item of this value; nothing is done before it is chosen."""
    reach(page, called)
    page.keyboard.press("Enter")
    item = page.locator(f"wa-dropdown-item[value='{value}']")
    expect(item).to_be_visible()
    for _ in range(STEPS):
        focused = page.evaluate("() => document.activeElement.getAttribute('value')")
        if focused == value:
            break
        page.keyboard.press("ArrowDown")
        # The menu moves the focus a little later: without this a slow machine goes past the item.
        page.wait_for_function(
            "before => document.activeElement.getAttribute('value') !== before", arg=focused
        )
    page.keyboard.press("Enter")
    expect(item).to_be_hidden()


def sign_in_by_keys(page: Page, bank: Bank, role: str, language: str) -> None:
    """Through the door, in a language."""
    page.add_init_script(f"localStorage.setItem('language', '{language}')")
    page.goto("/workspace")
    page.locator("input[name=email]").wait_for()
    login = bank.demo["staff"][role]
    write(page, "Email|邮箱", login["email"])
    write(page, "Password|密码", login["password"])
    page.keyboard.press("Enter")
    page.locator("header.shell").wait_for()


def test_an_agent_finds_takes_and_answers_a_ticket(page: Page, bank: Bank) -> None:
    subject = "the envelope was torn open"
    page.add_init_script(
        "localStorage.setItem('presence', 'away')"
    )  # or the ticket would be given out at once
    for role in ("agent", "supervisor"):
        bank.call("PUT", "/v1/workforce/presence", {"presence": "away"}, bank.staff(role))
    new = {"subject": subject, "description": "see above", "queue": "cards"}
    made = bank.post("/v1/tickets", new, bank.staff("agent"), 201)
    sign_in_by_keys(page, bank, "agent", "en")
    press(page, "Tickets")
    page.get_by_role("searchbox").wait_for()
    write(page, "Search words", "envelope")
    page.keyboard.press("Enter")
    page.locator("a.entry", has_text=subject).wait_for()
    press(page, f".*{subject}")
    ticket = page.locator("ticket-detail")
    expect(ticket).to_contain_text(subject)
    press(page, "Take")
    expect(ticket.get_by_role("button", name="Take", exact=True)).to_be_disabled()
    choose_from_menu(page, "Priority", "high")
    expect(ticket.locator("small").first).to_contain_text("high")
    choose_from_menu(page, "Ready answer", "reply-looking-into-it")
    expect(ticket.locator("textarea")).to_have_value(re.compile(r"T-\d{6}"))
    write(page, "Comment", "A new one is on its way.")
    press(page, "Send")
    expect(ticket.locator("li.card")).to_contain_text("on its way")
    page.keyboard.press("Control+Home")
    press(page, "→ open")
    expect(ticket.locator("small").first).to_contain_text("open")
    kept = bank.get(f"/v1/tickets/{made['id']}", bank.staff("agent"))
    assert (kept["state"], kept["priority"]) == ("open", "high")


def test_an_agent_answers_with_a_ready_line_and_passes_the_conversation_on(
    page: Page, bank: Bank
) -> None:
    chat = bank.chat("zh")
    chat.say("我的账单少了一页")
    bank.post(f"/v1/conversations/{chat.id}/handoff", {}, chat.token)
    sign_in_by_keys(page, bank, "agent", "zh")
    page.locator("a.entry").first.wait_for()
    press(page, "访客")
    view = page.locator(f"conversation-view[data-id='{chat.id}']")
    view.locator(".message").first.wait_for()
    press(page, "领取")
    view.locator(".reply textarea").wait_for()
    choose_from_menu(page, "常用语", "chat-anything-else")
    expect(view.locator(".reply textarea")).to_have_value(re.compile("其他需要"))
    press(page, "发送$")
    expect(view.locator(".message.agent")).to_have_count(1)
    press(page, "转接")
    dialog = page.locator(f"#transfer-{chat.id}")
    expect(dialog.locator("select")).to_be_visible()
    choose(page, "转接", 2)
    write(page, "给接手同事的备注", "需要查档案")
    press(page, "转接")
    expect(view.locator(".reply textarea")).to_have_count(0)
    assert bank.get(f"/v1/conversations/{chat.id}", bank.staff("agent"))["state"] == "queued"


def test_a_curator_writes_an_article_tries_it_and_submits_it(page: Page, bank: Bank) -> None:
    sign_in_by_keys(page, bank, "knowledge_manager", "zh")
    page.locator("input[name=slug]").wait_for()
    write(page, "标识", "keyboard-article")
    page.keyboard.press("Enter")
    editor = page.locator("article-editor").nth(1)
    editor.locator("input[name=title]").wait_for()
    reach(page, "标题")  # of the English side, which is left empty
    write(page, "标题", "关于蒸汽风琴的说明")
    write(page, "正文", "蒸汽风琴**不能**作为抵押物。")
    expect(editor.locator(".article strong")).to_have_text("不能")
    write(page, "示例问题", "蒸汽风琴能抵押吗")
    press(page, "保存")
    expect(editor.locator(".notice")).to_be_visible()
    write(page, "试问", "蒸汽风琴能抵押吗")
    expect(editor.get_by_text("第 1 位")).to_be_visible()
    press(page, "提交审核")
    expect(editor.locator("h2")).to_contain_text("审核中")


def test_an_officer_screens_compares_and_follows_the_audit_trail(page: Page, bank: Bank) -> None:
    sign_in_by_keys(page, bank, "compliance_officer", "en")
    page.locator(".views").wait_for()
    press(page, "Screening")
    page.locator("input[name=name]").first.wait_for()
    write(page, "Name", "Viktor Petrenko")
    page.keyboard.press("Enter")
    expect(page.locator("tbody li").first).to_be_visible()
    write(page, "Other name", "Wiktor Petrenko")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("Viktor Petrenko")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="match")).to_be_visible()
    press(page, "Audit trail")
    expect(page.locator("tbody tr").first).to_be_visible()
    write(
        page, "Subject", f"staff:{bank.get('/v1/auth/me', bank.staff('compliance_officer'))['id']}"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("subject=staff"))


def test_a_supervisor_reads_a_report_and_keeps_it(page: Page, bank: Bank) -> None:
    bank.chat("zh").say("你好")
    sign_in_by_keys(page, bank, "supervisor", "zh")
    page.locator(".views").wait_for()
    press(page, "报表")
    page.locator("series-chart").wait_for()
    choose(page, "分组", 1)
    expect(page).to_have_url(re.compile("by=week"))
    choose(page, "渠道", 1)
    expect(page).to_have_url(re.compile("channel=web"))
    reach(page, "与上期对比")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("compare=1"))
    page.locator(".cards button").nth(1).wait_for()
    reach(page, str(page.locator(".cards button").nth(1).inner_text()).split("\n", maxsplit=1)[0])
    page.keyboard.press("Enter")
    expect(page.locator(".cards button").nth(1)).to_have_attribute("aria-pressed", "true")
    press(page, "保存此报表")
    page.locator("input[name=report_name]").wait_for()
    write(page, "名称", "键盘周报")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_be_visible()
    kept = bank.get("/v1/analytics/saved", bank.staff("supervisor"))["items"]
    mine = next(one for one in kept if one["name"] == "键盘周报")
    assert mine["query"] == {"by": "week", "days": 30, "only": {"channel": "web"}}


def test_an_agent_opens_a_customer_with_a_reason_and_notes_a_consent(
    page: Page, bank: Bank
) -> None:
    sign_in_by_keys(page, bank, "supervisor", "en")
    press(page, "Customers")
    page.get_by_role("searchbox").wait_for()
    write(page, "Name, number", "C100103")
    page.keyboard.press("Enter")
    page.locator("a.entry", has_text="C100103").wait_for()
    press(page, ".*C100103")
    profile = page.locator("customer-profile")
    expect(profile).to_contain_text("***")
    write(page, "Reason", "calls about the address")
    page.keyboard.press("Enter")
    expect(profile).to_contain_text("@example.com")
    reach(page, "Overview")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    before = profile.get_by_role("checkbox").first.is_checked()
    reach(page, "marketing")
    page.keyboard.press("Space")
    expect(profile.locator("ol li").first).to_contain_text(("given", "not given")[before])


def test_a_seller_moves_a_lead_on(page: Page, bank: Bank) -> None:
    found = bank.get("/v1/customers?q=C100105", bank.staff("agent"))["items"][0]
    lead = {"customer_id": found["id"], "subject": "A loan for a lighthouse"}
    bank.post("/v1/leads", lead, bank.staff("agent"), 201)
    sign_in_by_keys(page, bank, "supervisor", "en")
    press(page, "Sales")
    page.locator("a.entry", has_text="lighthouse").wait_for()
    press(page, ".*lighthouse")
    shown = page.get_by_role("article")
    expect(shown).to_contain_text("lighthouse")
    press(page, "→ contacted")
    expect(shown.locator("p").first).to_contain_text("contacted")


def test_a_customer_opens_a_ticket_and_ends_the_talk_with_a_rating(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Open the chat").wait_for()
    press(page, "Open the chat")
    widget = page.locator("bank-assistant")
    expect(widget.locator(".compose > input")).to_be_focused()
    press(page, "中文")
    write(page, "输入消息", "我要提交工单")
    page.keyboard.press("Enter")
    widget.locator("form.fields").wait_for()
    reach(page, "发生了什么")
    page.keyboard.type("存折的封面磨破了，想换一本新的")
    reach(page, "邮箱或电话")
    page.keyboard.type("keys@example.com")
    page.keyboard.press("Enter")
    widget.locator(".replies").get_by_role("button", name="是", exact=True).wait_for()
    press(page, "是$")
    expect(widget.locator(".card", has_text="T-1").last).to_contain_text("存折")
    press(page, "更多")
    press(page, "为对话评分")
    reach(page, "1 分")
    page.keyboard.press("ArrowRight")
    expect(widget.get_by_role("radio").nth(1)).to_be_checked()
    write(page, "想告诉我们什么", "很方便")
    page.keyboard.press("Enter")
    expect(widget.get_by_text("感谢您的评分")).to_be_visible()
