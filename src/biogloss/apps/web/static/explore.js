"use strict";
// Explore: what has come is drawn.
document.addEventListener("htmx:afterSwap", () => {
  if (document.getElementById("data")) drawing();
});
// With another key, or when the service is there again.
document.getElementById("key")?.addEventListener("change", () => {
  const found = document.getElementById("found");
  if (found) htmx.trigger(found, "again");
});
