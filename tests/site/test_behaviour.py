"""What the pages do: search, filter, hover cards, citing, copying, with and without a mouse."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser


def first_hit(page: Page, address: str, words: str) -> str:
    """The address of the first result of a search, below the site's root."""
    query = page.locator("[data-md-component=search-query]")
    meta = page.locator(".md-search-result__meta")
    with page.expect_response("**/search_index.json"):  # fetched when the field is first entered
        query.focus()
    query.press_sequentially(words)
    expect(meta).to_contain_text(re.compile(r"match|找到|没有"), timeout=20_000)
    link = page.locator(".md-search-result__item > a.md-search-result__link").first
    return (link.get_attribute("href") or "").removeprefix(address).split("?")[0]


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("ADR-0002", "adr/0002/"),
        ("adr 2", "adr/0002/"),
        ("0002", "adr/0002/"),
        ("register a factory", "adr/0002/"),
        ("what belongs to L2", "adr/0003/"),
        ("PythonQueueDescriptor", "reference/platform-queue/"),
        ("open_store", "reference/platform-storage/"),
        ("BaseService", "reference/platform-service/"),
        ("注册工厂", "zh/adr/0002/"),
    ],
)
def test_search_finds_first(page: Page, address: str, words: str, target: str) -> None:
    page.goto(address + "start/")
    assert first_hit(page, address, words).split("#")[0] == target


def test_index_pages_stay_out_of_the_search(page: Page, address: str) -> None:
    page.goto(address)
    index = page.evaluate("fetch('search/search_index.json').then(answer => answer.json())")
    entries = [entry["location"] for entry in index["docs"]]
    assert len(entries) > 50
    made = ("adr/#", "adr/all/", "adr/history/", "adr/topics/", "zh/adr/#")
    assert [
        entry for entry in entries if entry in ("adr/", "zh/adr/") or entry.startswith(made)
    ] == []


def test_hovering_a_citation_shows_title_status_and_decision(page: Page, address: str) -> None:
    page.goto(address + "adr/0002/")
    link = page.locator(".sd-record__text a.sd-cite", has_text="ADR-0001").first
    link.hover()
    card = page.get_by_role("tooltip")
    expect(card).to_contain_text("accepted")
    expect(card).to_contain_text("Create sage-platform as L2")
    expect(card.locator("p")).to_have_count(2)


def test_citation_card_opens_and_closes_from_the_keyboard(page: Page, address: str) -> None:
    page.goto(address + "adr/0002/")
    link = page.locator(".sd-record__text a.sd-cite").first
    link.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    assert link.get_attribute("aria-describedby") == "sd-hover"
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_citation_is_a_good_link_without_javascript(
    address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(address + "adr/0002/")
    link = page.locator(".sd-record__text a.sd-cite", has_text="ADR-0001").first
    assert link.get_attribute("title") == "Create sage-platform as L2 — accepted"
    link.click()
    assert page.url == address + "adr/0001/"


def test_cite_copies_markdown_text_and_address(
    address: str, context: Callable[..., BrowserContext]
) -> None:
    made = context(permissions=["clipboard-read", "clipboard-write"])
    page = made.new_page()
    page.goto(address + "adr/0002/")
    page.locator(".sd-citing > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sd-citing button")).to_have_text(["Copy", "Copy", "Copy"])
    copied = []
    for _ in range(3):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".sd-citing :focus")).to_have_text("Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    title = "Register a factory so that L2 need not import L3"
    assert re.fullmatch(rf"\[ADR-0002 {title}\]\(http.*/adr/0002/\)", copied[0])
    assert re.fullmatch(rf"ADR-0002, “{title}”, accepted 2025-10-23, http.*/adr/0002/", copied[1])
    assert re.fullmatch(r"http.*/adr/0002/", copied[2])


def test_copy_takes_code_without_prompts_and_output(
    address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(address + "start/")
    block = page.locator(".highlight", has_text="inbox.qsize()").first
    block.hover()
    block.get_by_role("button").click()
    expect(block.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "inbox.qsize()\n" in copied
    assert ">>>" not in copied
    assert "\n1\n" not in copied


def test_filter_answers_and_keeps_its_state_in_the_address(page: Page, address: str) -> None:
    page.goto(address + "adr/")
    page.get_by_label("Words").fill("factory")
    page.locator("select[name=layer]").select_option("L2")
    rows = page.locator(".sd-found .sd-row__id")
    expect(rows.first).to_have_text("ADR-0002")
    assert page.url.endswith("?words=factory&layer=L2")
    found = rows.all_text_contents()
    page.reload()
    expect(rows.first).to_have_text("ADR-0002")
    assert rows.all_text_contents() == found
    assert page.get_by_label("Words").input_value() == "factory"
    rows.first.click()
    assert page.url == address + "adr/0002/"


def test_filter_works_from_the_keyboard(page: Page, address: str) -> None:
    page.goto(address + "adr/")
    page.get_by_label("Words").focus()
    page.keyboard.type("two base layers")
    expect(page.locator(".sd-found .sd-row__id")).to_have_text(["ADR-0000"])  # adr: past
    expect(page.get_by_role("status").filter(has_text="of")).to_contain_text("1 of ")
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button that clears
    expect(page.locator(".sd-log")).to_be_visible()
    assert page.url == address + "adr/"


def test_filter_answers_within_100_ms_among_5000_records(page: Page, address: str) -> None:
    records = [
        {
            "id": f"ADR-{n:04d}",
            "number": n,
            "title": f"Decide matter {n}",
            "status": "accepted",
            "date": "2026-01-01",
            "decision": f"Take option {n % 7} and keep it in step with everything around it.",
            "tags": [f"tag{n % 40}"],
            "layers": [f"L{n % 6 + 1}"],
            "deciders": ["Ada", "Grace"],
            "supersedes": [],
            "superseded_by": [],
            "url": f"{n:04d}/",
        }
        for n in range(5000)
    ]
    page.route("**/adr/index.json", lambda route: route.fulfill(json={"records": records}))
    page.goto(address + "adr/")
    field = page.get_by_label("Words")
    field.fill("matter 7")
    expect(page.get_by_role("status").filter(has_text="of 5000")).to_be_visible()
    took = page.evaluate(
        """async () => {
          const field = document.querySelector(".sd-filter input");
          const count = document.querySelector(".sd-found__count");
          const times = [];
          for (const words of ["option 3", "grace tag7", "4999", "keep step"]) {
            const before = count.textContent, start = performance.now();
            field.value = words;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            while (count.textContent === before) await new Promise(requestAnimationFrame);
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b);
        }"""
    )
    assert took[1] < 100, took  # the median: the machine may be busy with something else


def test_index_is_whole_without_javascript(
    address: str, context: Callable[..., BrowserContext]
) -> None:
    page = context(java_script_enabled=False).new_page()
    page.goto(address + "adr/")
    expect(page.locator(".sd-filter")).to_be_hidden()
    expect(page.locator(".sd-log .sd-row__id", has_text="ADR-0002")).to_be_visible()


def test_language_switch_stays_on_the_same_page(page: Page, address: str) -> None:
    page.goto(address + "adr/0002/")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator(".md-select").hover()
    page.get_by_role("link", name="中文").click()
    page.wait_for_url(address + "zh/adr/0002/")
    assert page.locator("html").get_attribute("lang") == "zh"
    page.locator(".md-select").hover()
    page.get_by_role("link", name="English").click()
    page.wait_for_url(address + "adr/0002/")


@pytest.mark.parametrize("spelling", ["adr/2/", "ADR-0002/", "adr/0002-register-a-factory/"])
def test_other_spellings_arrive_at_the_record(page: Page, address: str, spelling: str) -> None:
    page.goto(address + spelling + "#provenance")
    page.wait_for_url(address + "adr/0002/#provenance")


def test_layers_of_the_picture_lead_to_their_page(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="layer L2").click()
    page.wait_for_url(address + "concepts/architecture/layers/#l2")


def test_first_load_is_small(page: Page, address: str) -> None:
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(int(answer.headers["content-length"])))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 5
    assert sum(sizes) <= 85 * 1024
