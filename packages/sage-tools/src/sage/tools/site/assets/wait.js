/* The search's index and its worker are most of a page's weight: they wait until somebody wants to
   search. Runs before Material's script, which asks for both at once. */
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
  const Real = window.Worker;
  window.Worker = function (url, options) {
    const stand_in = new EventTarget();
    let worker = null;
    stand_in.postMessage = (message) => {
      if (!worker) {
        worker = new Real(url, options);
        worker.onmessage = ({ data }) => stand_in.dispatchEvent(new MessageEvent("message", { data }));
      }
      worker.postMessage(message);
    };
    stand_in.terminate = () => { if (worker) worker.terminate(); };
    return stand_in;
  };
})();
