"use strict";
// Models: one text, as it is, for two models.
{
  const form = document.getElementById("compare");
  const text = document.getElementById("text");
  htmx.defineExtension("biogloss", { encodeParameters: () => text.value });
  form?.addEventListener("htmx:configRequest", (event) => {
    if (!text.value.trim()) {
      event.preventDefault();
      biogloss.trouble(biogloss.said.nothing);
      text.focus();
      return;
    }
    event.detail.headers["Content-Type"] = "text/plain; charset=utf-8";
    for (const one of form.querySelectorAll("[data-model]")) event.detail.path += `&${one.dataset.model}=${encodeURIComponent(one.value)}`;
  });
  document.getElementById("result")?.addEventListener("htmx:afterSwap", () => biogloss.legend());
  // With another key, or when the service is there again.
  document.getElementById("key")?.addEventListener("change", () => {
    const card = document.getElementById("card");
    if (card) htmx.trigger(card, "again");
  });
}
