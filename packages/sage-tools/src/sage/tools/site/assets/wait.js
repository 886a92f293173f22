/* The search's index and its worker are most of a page's weight: they wait until somebody wants to
   search. Runs before Material's script, which asks for both at once. What is found in the reader's
   language comes first, as one index holds all languages; then what is called just what was asked. */
(() => {
  "use strict";
  const { open, send } = XMLHttpRequest.prototype;
  const signs = ["focusin", "pointerover"];
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.sageWaits = String(url).endsWith("search/search_index.json") &&
      !/[?&][qh]=/.test(location.search);
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (!this.sageWaits) return send.call(this, body);
    const wanted = ({ target }) => {
      if (!target.closest || !target.closest("[data-md-component=search], [for=__search]")) return;
      for (const sign of signs) document.removeEventListener(sign, wanted);
      send.call(this, body);
    };
    for (const sign of signs) document.addEventListener(sign, wanted);
  };
  const FOUND = 3; // Material's number for a message with results, a list for each page
  const name = ({ title }) =>
    title.replace(/\s\s+<code>.*/, "").replace(/<[^>]+>/g, "").replace(/^\S*ADR-\d+ (\(\S+\) )?/, "").toLowerCase();
  const ordered = (data) => {
    if (data.type !== FOUND) return data;
    const asked = document.querySelector("[data-md-component=search-query]").value.trim().toLowerCase();
    const han = /\p{Script=Han}/u.test(asked);
    const zh = document.documentElement.lang.startsWith("zh") || han;
    const rank = (page) => {
      // Material takes each Chinese character for a word, and all but the last for missing.
      if (han) for (const part of page) part.terms = { [asked]: true };
      const meant = page.filter((part) => name(part) === asked);
      for (const part of meant) part.score = Infinity;
      page.sort((one, other) => other.score - one.score);
      return (page[0].location.startsWith("zh/") !== zh) * 2 - Boolean(meant.length);
    };
    const ranks = new Map(data.data.items.map((page) => [page, rank(page)]));
    data.data.items.sort((one, other) => ranks.get(one) - ranks.get(other));
    return data;
  };
  const Real = window.Worker;
  window.Worker = function (url, options) {
    const stand_in = new EventTarget();
    let worker = null;
    stand_in.postMessage = (message) => {
      if (!worker) {
        worker = new Real(url, options);
        worker.onmessage = ({ data }) => stand_in.dispatchEvent(new MessageEvent("message", { data: ordered(data) }));
      }
      worker.postMessage(message);
    };
    stand_in.terminate = () => { if (worker) worker.terminate(); };
    return stand_in;
  };
})();
