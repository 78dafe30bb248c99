"use strict";
// Annotate: what is sent, and what is corrected by hand.
{
  const { said, make } = biogloss;
  const form = document.getElementById("ask");
  const text = document.getElementById("text");
  const input = document.getElementById("file");
  const kind = document.getElementById("kind");
  const model = document.getElementById("model");
  const chosen = document.getElementById("chosen");
  const result = document.getElementById("result");
  const side = document.getElementById("side");
  const BY_HAND = "by hand";
  const ENDINGS = { jsonl: "jsonl", brat: "zip", "label-studio": "labelstudio.json" };
  let format = "jsonl"; // of what is downloaded
  let file = null;
  let documents = [];
  let corrections = []; // [place, document] of each correction
  let changed = new Set();

  // --- What is sent: the bytes of the text or the file, as they are.
  htmx.defineExtension("biogloss", { encodeParameters: () => file ?? text.value });
  const choose = (one) => {
    file = one;
    document.getElementById("kinds").hidden = chosen.hidden = !one;
    text.hidden = Boolean(one);
    if (!one) {
      input.value = "";
      return;
    }
    const away = make("button", "×", { type: "button", className: "link", title: said.clear, ariaLabel: said.clear });
    away.addEventListener("click", () => { choose(null); text.focus(); });
    chosen.replaceChildren(make("b", one.name, { dir: "auto" }), make("span", ` ${one.size.toLocaleString()} B `), away);
  };
  const large = (one) => one.size > Number(form.dataset.limit);
  const take = (one) => {
    choose(one);
    if (large(one)) biogloss.trouble(said.toolarge);
    else form.requestSubmit();
  };
  input.addEventListener("change", () => { if (input.files.length) take(input.files[0]); });
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("over"); });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("htmx:configRequest", (event) => {
    if (!file && !text.value.trim()) {
      event.preventDefault();
      biogloss.trouble(said.nothing);
      text.focus();
      return;
    }
    event.detail.headers["Content-Type"] = file ? kind.value : "text/plain; charset=utf-8";
    if (model.options.length > 1) event.detail.path += `&model=${encodeURIComponent(model.value)}`;
  });

  // --- What is shown.
  const ready = () => {
    biogloss.legend();
    documents = JSON.parse(document.getElementById("data").dataset.documents);
    side.hidden = true;
    const as = document.getElementById("as");
    if (as) as.value = format;
    count();
  };
  const count = () => {
    document.getElementById("corrections").textContent = corrections.length ? ` · ${corrections.length} ${said.corrections}` : "";
    const save = result.querySelector('[data-save="corrected"]');
    if (save) save.hidden = !changed.size;
  };
  result.addEventListener("htmx:afterSwap", () => {
    corrections = [];
    changed = new Set();
    ready();
  });
  const lines = (some) => some.map((one) => `${JSON.stringify(one)}\n`).join("");
  // Files of other tools are made by the service, which says what they have no place for.
  const written = async (some, checked) => {
    const response = await biogloss.send(`/web/export?as=${format}&checked=${checked}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ documents: some }),
    });
    if (!response) return undefined;
    const gone = Object.keys(JSON.parse(response.headers.get("Biogloss-Left-Out")));
    document.getElementById("leftout").textContent = gone.length ? `${said.leftout} ${gone.join("; ")}` : "";
    return response.blob();
  };
  result.addEventListener("change", (event) => { if (event.target.id === "as") format = event.target.value; });
  result.addEventListener("click", async (event) => {
    const what = event.target.dataset.save;
    if (!what) return;
    const some = what === "all" ? documents : documents.filter((_, place) => changed.has(place));
    const content = format === "jsonl" ? lines(some) : await written(some, what === "corrected");
    if (content) biogloss.download(`biogloss-${what}.${ENDINGS[format]}`, content, "application/octet-stream");
  });

  // --- Corrections: the document is changed here, and drawn anew by the service, which checks it.
  const draw = async (next) => {
    const response = await biogloss.send(`/web/show?lang=${document.body.dataset.language}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ documents: next }),
    });
    if (!response) return false;
    result.innerHTML = await response.text();
    return true;
  };
  const correct = async (place, entities) => {
    const old = documents[place];
    const names = (some) => new Set(some.flatMap((entity) => [entity.id, ...(entity.links ?? []).slice(0, 1).map((link) => link.id)]));
    const [before, after] = [names(old.entities ?? []), names(entities)];
    const gone = ([, end]) => before.has(end) && !after.has(end);
    const relations = (old.relations ?? []).filter((one) => !one.arguments.some(gone));
    const next = documents.with(place, { ...old, entities, relations });
    if (!(await draw(next))) return;
    corrections.push([place, old]);
    changed.add(place);
    ready();
  };
  const undo = async () => {
    const [place, old] = corrections.at(-1);
    if (!(await draw(documents.with(place, old)))) return;
    corrections.pop();
    if (!corrections.some(([other]) => other === place)) changed.delete(place);
    ready();
  };
  const placeOf = (article) => Number(article.id.slice(1)) - 1;

  // --- The panel beside the text.
  const types = (label) => {
    const made = make("select", "", { ariaLabel: said.type });
    for (const one of JSON.parse(document.getElementById("data").dataset.labels)) {
      made.append(make("option", one, { selected: one === label }));
    }
    return made;
  };
  const button = (words, act, main = false) => {
    const made = make("button", words, { type: "button", className: main ? "button main" : "button" });
    made.addEventListener("click", act);
    return made;
  };
  const panel = (title, about, rows, from) => {
    const close = button("×", () => { side.hidden = true; from?.focus(); });
    close.className = "link close";
    close.setAttribute("aria-label", said.close);
    const foot = make("div", "", { className: "row" });
    foot.append(...rows);
    if (corrections.length) foot.append(button(said.undo, undo));
    side.replaceChildren(close, make("h2", title), ...about, foot);
    side.hidden = false;
    document.getElementById("tip").hidden = true;
  };
  const open = (part) => {
    const place = placeOf(part.closest("article"));
    const all = documents[place].entities;
    const entity = all.find((one) => one.id === part.dataset.e);
    const [, ...rest] = (part.dataset.tip || part.title).split("\n");
    const about = [make("p", entity.text, { className: "words", dir: "auto" }), ...rest.map((line) => make("p", line))];
    if (document.getElementById("data").dataset.graph && part.dataset.k) {
      about.push(make("a", said.explore, { href: `/explore?q=${encodeURIComponent(part.dataset.k)}&lang=${document.body.dataset.language}` }));
    }
    const select = types(entity.label);
    const change = () => {
      const { score, links, ...own } = entity; // those of another type
      if (select.value !== entity.label) correct(place, all.map((one) => (one === entity ? { ...own, label: select.value, source: BY_HAND } : one)));
    };
    panel(`${said.entity}: ${entity.label}`, about, [
      select, button(said.change, change, true), button(said.remove, () => correct(place, all.filter((one) => one !== entity))),
    ], part);
    return select;
  };
  result.addEventListener("click", (event) => {
    const part = event.target.closest("article .e");
    if (part && getSelection().isCollapsed) open(part);
  });
  result.addEventListener("keydown", (event) => {
    const part = event.target.closest("article .e");
    if (!part || event.key !== "Enter") return;
    event.preventDefault();
    open(part).focus();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") side.hidden = true; });

  // --- Words that are selected, in code points of the document: hidden characters are shown by name, and line ends as one.
  const offset = (block, node, at, points) => {
    const range = document.createRange();
    range.setStart(block, 0);
    range.setEnd(node, at);
    let place = Number(block.dataset.s);
    const walk = (inside) => {
      for (const one of inside.childNodes) {
        if (one.nodeType === Node.TEXT_NODE) for (const _ of one.data) place += points[place] === "\r" && points[place + 1] === "\n" ? 2 : 1;
        else if (one.classList.contains("control")) place += one.textContent ? 1 : 0;
        else walk(one);
      }
    };
    walk(range.cloneContents());
    return place;
  };
  const blockOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.("article [data-s]");
  const selected = () => {
    const selection = getSelection();
    if (selection.isCollapsed || !result.contains(selection.anchorNode)) return;
    const range = selection.getRangeAt(0);
    const block = blockOf(range.startContainer);
    if (!block) return;
    if (blockOf(range.endContainer) !== block) {
      panel(said.selected, [make("p", said.inside)], []);
      return;
    }
    const place = placeOf(block.closest("article"));
    const own = documents[place];
    const points = Array.from(own.text);
    let start = offset(block, range.startContainer, range.startOffset, points);
    let end = offset(block, range.endContainer, range.endOffset, points);
    while (start < end && !points[start].trim()) start += 1;
    while (end > start && !points[end - 1].trim()) end -= 1;
    if (start === end) return;
    const words = points.slice(start, end).join("");
    const select = types("");
    const mark = () => {
      const used = new Set((own.entities ?? []).map((one) => one.id));
      let number = 1;
      while (used.has(`H${number}`)) number += 1;
      const entity = { id: `H${number}`, spans: [[start, end]], label: select.value, text: words, source: BY_HAND };
      correct(place, [...(own.entities ?? []), entity]);
    };
    panel(said.selected, [make("p", words.length > 300 ? `${words.slice(0, 300)}…` : words, { className: "words", dir: "auto" })], [select, button(said.mark, mark, true)]);
  };
  result.addEventListener("mouseup", () => setTimeout(selected));
  result.addEventListener("touchend", () => setTimeout(selected));
  result.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") selected(); });
}
