"use strict";
const biogloss = (() => {
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);

  const every = (selector, change, root = document) => root.querySelectorAll(selector).forEach(change);

  // The check boxes of the legend, and those that only a script can serve; its element says them in other languages.
  const legend = () => {
    const types = document.getElementById("types");
    document.getElementById("bar").replaceChildren(types);
    const tools = document.createElement("div");
    tools.className = "tools";
    const names = document.createElement("label");
    names.innerHTML = '<input type="checkbox" id="names" checked> ';
    names.append(types.dataset.names ?? "type names in the text");
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = types.dataset.search ?? "Show documents with \u2026";
    search.setAttribute("aria-label", types.dataset.search ?? "Show only documents that contain these words");
    const found = document.createElement("span");
    found.className = "count";
    found.setAttribute("role", "status");
    const joined = document.createElement("label");
    joined.innerHTML = '<input type="checkbox" id="joined" checked> ';
    joined.append(types.dataset.joined ?? "relations in the text");
    tools.append(search, names, ...(arcs.watch() ? [joined] : []), found);
    types.append(tools);
    document.body.classList.remove("unnamed", "unjoined");

    types.addEventListener("change", (event) => {
      const box = event.target;
      if (box.id === "names") document.body.classList.toggle("unnamed", !box.checked);
      if (box.id === "joined") document.body.classList.toggle("unjoined", !box.checked);
      arcs.again();
      if (box.dataset.type === undefined) return;
      every(`article .e[data-t="${CSS.escape(box.dataset.type)}"]`, (part) => {
        part.classList.toggle("off", !box.checked);
        if (part.classList.contains("first")) part.tabIndex = box.checked ? 0 : -1;
      });
    });

    let waiting = 0;
    search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const words = search.value.trim().toLowerCase();
        let count = 0;
        every("main article", (article) => {
          article.hidden = words !== "" && !article.textContent.toLowerCase().includes(words);
          count += article.hidden ? 0 : 1;
        });
        found.textContent = words ? `${count.toLocaleString()} shown` : "";
      }, 150);
    });
  };

  // What the pointer or the focus is on: its details, its other pieces, and mentions of the same concept.
  const chain = (part) => {
    const parts = [];
    for (let at = part; at; at = at.parentElement.closest("article .e")) if (!at.classList.contains("off")) parts.push(at);
    return parts;
  };
  const details = (part) => {
    if (part.title) {
      part.dataset.tip = part.title;
      part.removeAttribute("title");
    }
    return part.dataset.tip || "";
  };
  const clear = () => {
    tip.hidden = true;
    every(".hot, .same", (part) => part.classList.remove("hot", "same"));
  };
  const show = (part) => {
    clear();
    const parts = chain(part);
    if (!parts.length) return;
    tip.replaceChildren(...parts.map((each) => {
      const [head, ...rest] = details(each).split("\n");
      const entry = document.createElement("div");
      const title = document.createElement("b");
      title.className = [...each.classList].find((name) => /^c\d+$/.test(name)) || "";
      title.textContent = head;
      entry.append(title, "\n" + rest.join("\n"));
      return entry;
    }));
    const article = part.closest("article");
    const { e, k } = parts[0].dataset;
    if (k) every(`[data-k="${CSS.escape(k)}"]`, (other) => other.classList.add("same"), article);
    every(`[data-e="${CSS.escape(e)}"]`, (other) => other.classList.add("hot"), article);
    arcs.light(article, (ends) => ends.includes(e));
    tip.hidden = false;
    const box = part.getClientRects()[0];
    const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const below = box.bottom + 8 + tip.offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? box.bottom + 8 : Math.max(8, box.top - tip.offsetHeight - 8)}px`;
  };
  // A relation that is pointed at, in the list or in the text, lights up with what it is between.
  const light = (relation) => {
    const own = relation.dataset.arcs ? JSON.parse(relation.dataset.arcs).map(String) : [String(JSON.parse(relation.dataset.ends))];
    arcs.light(relation.closest("article"), (ends) => own.includes(String(ends)));
    for (const name of JSON.parse(relation.dataset.ends)) {
      every(`[data-e="${CSS.escape(name)}"], [data-k="${CSS.escape(name)}"]`, (part) => part.classList.add("hot"), relation.closest("article"));
    }
  };
  const main = document.querySelector("main");
  for (const kind of ["mouseover", "focusin"]) {
    main.addEventListener(kind, (event) => {
      const part = event.target.closest("article .e");
      const relation = event.target.closest("[data-ends]") ?? (part ? null : document.activeElement.closest("[data-ends]"));
      if (part) show(part);
      else clear();
      if (relation) light(relation);
    });
  }
  main.addEventListener("mouseleave", clear);
  main.addEventListener("focusout", clear);
  window.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
  return { legend };
})();
if (document.getElementById("types")) {
  document.querySelector(".top a").remove();
  biogloss.legend();
}
