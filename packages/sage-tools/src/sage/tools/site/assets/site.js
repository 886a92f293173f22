/* What the pages add to plain HTML: nothing here is needed to read, or to follow a link. */
(() => {
  "use strict";
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const zh = document.documentElement.lang.startsWith("zh");
  const say = zh
    ? { copy: "复制", copied: "已复制", code: "复制代码" }
    : { copy: "Copy", copied: "Copied", code: "Copy the code" };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", "sd-hidden");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  const confirm = (button) => {
    const before = button.textContent;
    button.textContent = say.copied;
    button.classList.add("sd-copy--done");
    button.addEventListener("blur", () => button.classList.remove("sd-copy--done"), { once: true });
    setTimeout(() => { button.textContent = before; button.classList.remove("sd-copy--done"); }, 1500);
  };

  /* Code without prompts and without what it printed: what a reader would type. */
  const typed = (code) => {
    const lines = code.textContent.replace(/\n$/, "").split("\n");
    const prompt = code.closest(".language-console") ? /^\$ / : /^(>>>|\.\.\.)( |$)/;
    const own = lines.filter((line) => prompt.test(line));
    return (own.length ? own.map((line) => line.replace(prompt, "")) : lines).join("\n") + "\n";
  };
  for (const block of document.querySelectorAll(".md-typeset .highlight")) {
    const code = block.querySelector("pre > code");
    if (!code) continue;
    if (!code.hasAttribute("tabindex")) code.tabIndex = 0;
    const button = make("button", "sd-copy", say.copy);
    button.type = "button";
    button.setAttribute("aria-label", say.code);
    button.addEventListener("click", async () => { await copy(typed(code)); confirm(button); });
    block.append(button);
  }

  /* Hover or focus a citation: title, status, decision. Without this it is a link with a title. */
  let card = null;
  let owner = null;
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    if (card) card.remove();
    if (owner) owner.removeAttribute("aria-describedby");
    card = owner = null;
  };
  const show = (link) => {
    if (owner === link) return;
    hide();
    const [title, word] = (link.dataset.title || "").split(" — ");
    card = make("div", "sd-hover");
    card.id = "sd-hover";
    card.role = "tooltip";
    const status = [...link.classList].find((name) => name.startsWith("sd-cite--")).slice(9);
    card.append(make("span", `sd-badge sd-badge--${status}`, word || status));
    card.append(make("p", "sd-hover__title", title));
    if (link.dataset.decision) card.append(make("p", "", link.dataset.decision));
    document.body.append(card);
    link.setAttribute("aria-describedby", card.id);
    owner = link;
    const place = link.getBoundingClientRect();
    const width = card.offsetWidth;
    const left = Math.min(Math.max(8, place.left), document.documentElement.clientWidth - width - 8);
    const below = place.bottom + card.offsetHeight + 12 < innerHeight;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${scrollY + (below ? place.bottom + 6 : place.top - card.offsetHeight - 6)}px`;
    card.addEventListener("mouseleave", hide);
  };
  for (const link of document.querySelectorAll("a.sd-cite")) {
    link.dataset.title = link.title;
    link.removeAttribute("title");
    link.addEventListener("mouseenter", () => { timer = setTimeout(show, 120, link); });
    link.addEventListener("mouseleave", (event) => {
      clearTimeout(timer);
      if (!card || !card.contains(event.relatedTarget)) setTimeout(() => {
        if (card && !card.matches(":hover") && document.activeElement !== link) hide();
      }, 120);
    });
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
