/* What the pages add to plain HTML: nothing here is needed to read, or to follow a link. */
(() => {
  "use strict";
  /* A theme that changes pages without loading them says when; the page before is let go. */
  let before = new AbortController();
  let arrived = false;
  const arrive = () => {
    before.abort();
    before = new AbortController();
    start((event, act) => addEventListener(event, act, { signal: before.signal }));
  };
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const zh = document.documentElement.lang.startsWith("zh");
  const say = zh
    ? { copy: "复制", copied: "已复制", code: "复制代码", table: "表格" }
    : { copy: "Copy", copied: "Copied", code: "Copy the code", table: "Table" };

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

  const start = (listen) => {
    const told = make("div", "sd-hidden");
    told.setAttribute("role", "status");
    const home = document.querySelector("main") || document.body;
    home.append(told);
    /* The button, and a screen reader, say for a moment that it is done. */
    const confirm = (button, name) => {
      clearTimeout(button.timer);
      button.textContent = told.textContent = say.copied;
      button.setAttribute("aria-label", say.copied);
      button.classList.add("sd-copy--done");
      button.timer = setTimeout(() => {
        button.textContent = say.copy;
        button.setAttribute("aria-label", name);
        button.classList.remove("sd-copy--done");
        told.textContent = "";
      }, 1500);
    };
    const copies = (button, text) => {
      const name = button.getAttribute("aria-label");
      button.addEventListener("click", async () => { await copy(text()); confirm(button, name); });
    };

    /* Code without prompts and without what it printed: what a reader would type. */
    const typed = (code) => {
      const lines = code.textContent.replace(/\n$/, "").split("\n");
      const prompt = code.closest(".language-console, .language-text") ? /^\$ / : /^(>>>|\.\.\.)( |$)/;
      const own = lines.filter((line) => prompt.test(line));
      return (own.length ? own.map((line) => line.replace(prompt, "")) : lines).join("\n") + "\n";
    };
    for (const block of document.querySelectorAll(".md-typeset .highlight")) {
      const code = block.querySelector(":scope > code, pre > code");
      if (!code) continue;
      if (!code.hasAttribute("tabindex")) code.tabIndex = 0;
      if (block.matches(".doc-signature")) continue; // it is to be read, not to be run
      const button = make("button", "sd-copy", say.copy);
      button.type = "button";
      button.setAttribute("aria-label", say.code);
      copies(button, () => typed(code));
      const below = block.nextElementSibling; // of a snippet the whole, of a docstring what follows
      const ran = block.closest(".sd-snippet") || (below && below.matches(".sd-example") ? below : null);
      const bar = ran && ran.querySelector(".sd-snippet__bar");
      (bar || block).append(button);
    }

    /* A site built without its address names one of the machine that built it: cite what is read. */
    const ADDRESS_OF_NOBODY = /^https?:\/\/(127\.|localhost[:/]|\[::1\])|^(?!https?:)/;
    const citing = document.querySelector(".sd-citing");
    if (citing && ADDRESS_OF_NOBODY.test(citing.dataset.address)) {
      const here = location.href.split(/[?#]/)[0].replace(/index\.html$/, "");
      for (const item of citing.querySelectorAll("li")) {
        const text = item.querySelector("code").textContent.replace(citing.dataset.address, () => here);
        item.querySelector("code").textContent = item.querySelector("button").dataset.copy = text;
      }
    }

    for (const button of document.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      copies(button, () => button.dataset.copy);
    }

    /* What scrolls sideways shows it at its edge, and can be scrolled from the keyboard. */
    const fade = ({ target: box }) => {
      const rest = box.scrollWidth - box.clientWidth;
      box.classList.toggle("sd-more--left", rest > 1 && box.scrollLeft > 1);
      box.classList.toggle("sd-more--right", rest - box.scrollLeft > 1);
    };
    const reachable = () => {
      for (const box of document.querySelectorAll(".sd-table, .md-typeset__scrollwrap")) {
        fade({ target: box });
        if (box.scrollWidth <= box.clientWidth || box.tabIndex === 0) continue;
        box.addEventListener("scroll", fade, { passive: true });
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", say.table);
      }
    };
    if (document.readyState === "complete") requestAnimationFrame(reachable);
    else listen("load", () => requestAnimationFrame(reachable));
    listen("resize", reachable);

    /* One record of index.json as the index shows it. */
    const row = (one, prefix, word) => {
      const item = make("li", "sd-row");
      const link = make("a", "sd-row__link");
      link.href = prefix + one.url;
      link.append(make("span", "sd-row__id", one.id), " ", make("span", "sd-row__title", one.title));
      const facts = make("span", "sd-row__facts");
      facts.append(make("span", `sd-badge sd-badge--${one.status}`, word));
      if (one.date) facts.append(" ", make("time", "", one.date));
      item.append(link, facts);
      if (one.decision) item.append(make("p", "sd-row__text", one.decision));
      return item;
    };

    /* The filter of the index: a client of index.json that keeps its state in the address. */
    const form = document.querySelector(".sd-filter");
    if (form) {
      const found = document.querySelector(".sd-found");
      const list = found.querySelector("ul");
      const count = found.querySelector("[role=status]");
      const clear = found.querySelector("button");
      const lists = document.querySelector(".sd-log");
      const names = Object.fromEntries([...form.elements.status.options].map((o) => [o.value, o.text]));
      const MOST = 200;
      let records = null;
      const read = async () => {
        const answer = await fetch(form.dataset.index);
        const found = (await answer.json()).records;
        for (const one of found) {
          one.text = [one.id, one.title, one.decision, ...one.tags, ...one.layers, ...one.deciders]
            .join(" ").toLowerCase();
        }
        return found;
      };
      const load = () => (records ??= read().catch(() => (records = null)));
      const asked = () => [...new FormData(form)].filter(([, value]) => value.trim() !== "");
      const apply = async ({ remember = true } = {}) => {
        const state = asked();
        if (remember) {
          const query = new URLSearchParams(state).toString();
          history.replaceState(null, "", query ? `?${query}` : location.pathname);
        }
        if (!state.length) {
          found.hidden = true;
          lists.hidden = false;
          return;
        }
        const all = await load();
        if (!all) return; // not to be had now: the whole log stays in sight
        const { words: text = "", status, tag, layer } = Object.fromEntries(asked());
        const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
        const hits = all.filter((one) =>
          (!status || one.status === status) && (!tag || one.tags.includes(tag)) &&
          (!layer || one.layers.includes(layer)) && parts.every((part) => one.text.includes(part)));
        const prefix = form.dataset.prefix;
        list.replaceChildren(...hits.slice(0, MOST).map((one) => row(one, prefix, names[one.status] || one.status)));
        if (hits.length > MOST) list.append(make("li", "sd-note", count.dataset.more.replace("{n}", hits.length - MOST)));
        count.textContent = hits.length
          ? count.dataset.text.replace("{n}", hits.length).replace("{all}", all.length)
          : count.dataset.none;
        clear.hidden = hits.length > 0;
        found.hidden = false;
        lists.hidden = true;
      };
      for (const [name, value] of new URLSearchParams(location.search)) {
        if (form.elements[name]) form.elements[name].value = value;
      }
      form.addEventListener("focusin", load, { once: true });
      form.addEventListener("input", () => apply());
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("reset", () => setTimeout(apply));
      clear.addEventListener("click", () => {
        form.reset();
        form.elements.words.focus(); // the button goes away with what it clears
      });
      if (asked().length) apply({ remember: false });
    }

    /* Nothing at this address: offer the records whose number or words stand in it. */
    const near = document.querySelector(".sd-near");
    const offer = async () => {
      const path = decodeURIComponent(location.pathname).toLowerCase();
      const parts = path.split(/[^\p{L}\p{N}]+/u).filter((part) => !["", "adr", "html", "index"].includes(part));
      const numbers = parts.filter((part) => /^\d+$/.test(part)).map(Number);
      const worded = parts.filter((part) => part.length > 2 && !/^\d+$/.test(part));
      if (!numbers.length && !worded.length) return;
      const { records } = await (await fetch(near.dataset.index)).json();
      const ranked = records
        .map((one) => [one, numbers.includes(one.number) * 10 +
          worded.filter((word) => one.title.toLowerCase().includes(word)).length])
        .filter(([, weight]) => weight).sort((a, b) => b[1] - a[1]).slice(0, 3);
      near.querySelector("ul").append(...ranked.map(([one]) => row(one, near.dataset.prefix, one.status)));
      near.hidden = !ranked.length;
    };
    if (near) offer();

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
      home.append(card);
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
    listen("keydown", (event) => { if (event.key === "Escape") hide(); });
  };

  arrive();
  if (window.document$) document$.subscribe(() => { if (arrived) arrive(); arrived = true; });
})();
