"use strict";
// What all views share: words, the API key, requests and what is said when one fails.
biogloss.said = JSON.parse(document.body.dataset.said);
{
  const said = biogloss.said;
  const box = document.getElementById("trouble");
  const key = document.getElementById("key");
  const STORE = "biogloss-key";

  // The key is kept by the browser for this tab only.
  if (key) {
    key.value = sessionStorage.getItem(STORE) ?? "";
    key.addEventListener("input", () => sessionStorage.setItem(STORE, key.value.trim()));
  }
  const headers = () => (key && key.value.trim() ? { Authorization: `Bearer ${key.value.trim()}` } : {});

  biogloss.trouble = (words) => {
    box.textContent = words;
    box.hidden = !words;
    if (words) box.scrollIntoView({ block: "nearest" });
  };
  // The words of a problem as the service sends it (RFC 9457).
  biogloss.problem = (status, text) => {
    let detail = `${said.failed} (${status})`;
    try {
      detail = `${detail}: ${JSON.parse(text).detail}`;
    } catch {
      // Not the service's own words: the status says it.
    }
    if (status === 401 && key) {
      key.focus();
      detail = said.key;
    }
    biogloss.trouble(detail);
  };
  // A request of a script; gives the response, or nothing where it failed, which is then said.
  biogloss.send = async (address, how = {}) => {
    biogloss.trouble("");
    try {
      const response = await fetch(address, { ...how, headers: { ...how.headers, ...headers() } });
      if (response.ok) return response;
      biogloss.problem(response.status, await response.text());
    } catch {
      biogloss.trouble(said.unreachable);
    }
    return undefined;
  };
  biogloss.download = (name, text, kind) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  biogloss.make = (tag, words = "", more = {}) => Object.assign(document.createElement(tag), { textContent: words, ...more });

  document.addEventListener("htmx:configRequest", (event) => Object.assign(event.detail.headers, headers()));
  document.addEventListener("htmx:beforeRequest", () => biogloss.trouble(""));
  document.addEventListener("htmx:sendError", () => biogloss.trouble(said.unreachable));
  document.addEventListener("htmx:responseError", (event) => biogloss.problem(event.detail.xhr.status, event.detail.xhr.responseText));

  // Another language of the same view, with what the address says beside it.
  for (const link of document.querySelectorAll("[data-lang]")) {
    link.addEventListener("click", () => {
      const here = new URL(location.href);
      here.searchParams.set("lang", link.dataset.lang);
      link.href = here;
    });
  }
}
