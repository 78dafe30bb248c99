"use strict";
// Relations as arcs over the text, each above the line of its mentions; between lines an arc goes out at the edge and
// comes in again. The list below the text says the same, and is what keys and screen readers reach.
const arcs = (() => {
  const STEP = 15; // pixels from level to level
  const MOST_LEVELS = 6;
  const BEND = 5;
  const make = (tag, attributes, words = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = words;
    return made;
  };

  // The arcs that can be drawn: mentions whose type is hidden have none.
  const wanted = (article) => [...article.querySelectorAll("[data-arcs]")].flatMap((item) =>
    JSON.parse(item.dataset.arcs).map((ends) => {
      const [from, to] = ends.map((name) => article.querySelector(`.e.first[data-e="${CSS.escape(name)}"]:not(.off)`));
      return { item, ends, from, to };
    }).filter((one) => one.from && one.to));

  // Where each arc meets its mentions, side by side where one mention has several.
  const anchored = (found) => {
    const meeting = new Map();
    for (const one of found) for (const end of [one.from, one.to]) meeting.set(end, (meeting.get(end) ?? 0) + 1);
    const used = new Map();
    const anchor = (part) => {
      const box = part.getClientRects()[0];
      const count = meeting.get(part);
      const place = used.get(part) ?? 0;
      used.set(part, place + 1);
      const gap = Math.min(6, box.width / count);
      return { part, x: box.left + box.width / 2 + gap * (place - (count - 1) / 2), top: box.top, block: part.closest("[data-s]") };
    };
    return found.map((one) => ({ ...one, a: anchor(one.from), b: anchor(one.to) }));
  };

  // The pieces of an arc: one, or two where its mentions are on different lines; each with the room that it takes, and
  // its label, which stands beside a piece that is shorter.
  const sized = (piece, width) => {
    const { left, right, down } = piece;
    const need = width + 8;
    const isShort = right - left < need && down.length < 2;
    const middle = !isShort ? (left + right) / 2 : down[0] === "right" ? right + need / 2 : left - need / 2;
    return { ...piece, middle, room: [Math.min(left, middle - need / 2), Math.max(right, middle + need / 2)] };
  };
  const pieces = (arc, width) => {
    const { a, b } = arc;
    const [early, late] = a.top < b.top - 11 || (a.top < b.top + 11 && a.x <= b.x) ? [a, b] : [b, a];
    const piece = (end, left, right, points, down) => sized({ arc, end, block: end.block, top: end.top, left, right, points, down }, width(arc));
    if (a.block === b.block && Math.abs(a.top - b.top) < 12) return [piece(early, early.x, late.x, late === b ? "right" : "left", ["left", "right"])];
    const [out, back] = [early.block.getBoundingClientRect(), late.block.getBoundingClientRect()];
    return [
      piece(early, early.x, Math.max(out.right, early.x + 16), early === b ? "left" : "", ["left"]),
      piece(late, Math.min(back.left, late.x - 16), late.x, late === b ? "right" : "", ["right"]),
    ];
  };

  // Levels: the shortest lowest; what has no room is left to the list.
  const levelled = (all) => {
    const taken = [];
    for (const one of [...all].sort((x, y) => x.right - x.left - (y.right - y.left))) {
      const here = taken.filter((other) => other.block === one.block && Math.abs(other.top - one.top) < 12 && other.room[0] < one.room[1] && one.room[0] < other.room[1]);
      one.level = [...Array(MOST_LEVELS).keys()].find((level) => here.every((other) => other.level !== level));
      if (one.level !== undefined) taken.push(one);
    }
  };

  const path = ({ left, right, down }, top, y) => {
    const bend = Math.min(BEND, (right - left) / 2);
    const start = down.includes("left") ? `M${left} ${top}V${y + bend}Q${left} ${y} ${left + bend} ${y}` : `M${left} ${y}`;
    const end = down.includes("right") ? `H${right - bend}Q${right} ${y} ${right} ${y + bend}V${top}` : `H${right}`;
    return start + end;
  };

  const group = (piece, base) => {
    const { item, ends, from, to } = piece.arc;
    const label = item.querySelector("b");
    const made = make("g", { class: label.className, "data-ends": JSON.stringify(ends) });
    made.addEventListener("click", () => {
      item.closest("details").open = true;
      item.focus();
    });
    const shape = { ...piece, left: piece.left - base.left, right: piece.right - base.left };
    const top = piece.top - base.top;
    const y = top - 8 - piece.level * STEP;
    const words = (part) => part.textContent.trim();
    made.append(make("title", {}, `${label.textContent}: ${words(from)} → ${words(to)}`));
    const d = path(shape, top - 1, y);
    made.append(make("path", { d, class: "reach" }), make("path", { d }));
    if (piece.points) made.append(make("path", { class: "head", d: `M${shape[piece.points]} ${top}l-3.5 -6h7z` }));
    made.append(make("text", { x: piece.middle - base.left, y: y + 3.5 }, label.textContent));
    return made;
  };

  const clear = (article) => {
    article.querySelector(":scope > svg")?.remove();
    article.querySelectorAll(".arced").forEach((part) => part.classList.remove("arced"));
  };
  // A line with arcs is as much higher as they need, by its mentions; that moves no word to another line.
  const spread = (laid) => {
    for (const { end: { part }, level } of laid.filter((one) => one.level !== undefined)) {
      const before = part.classList.contains("arced") ? Number(part.style.getPropertyValue("--levels")) : 0;
      part.style.setProperty("--levels", Math.max(before, level + 1));
      part.classList.add("arced");
    }
  };
  const draw = (article) => {
    clear(article);
    if (document.body.classList.contains("unjoined") || article.hidden) return;
    const found = wanted(article);
    if (!found.length) return;
    const svg = make("svg", { "aria-hidden": "true", class: "arcs" });
    article.append(svg);
    const widths = new Map();
    const width = ({ item }) => {
      const words = item.querySelector("b").textContent;
      if (!widths.has(words)) {
        const text = svg.appendChild(make("text", {}, words));
        widths.set(words, text.getComputedTextLength());
        text.remove();
      }
      return widths.get(words);
    };
    const lay = () => anchored(found).flatMap((arc) => pieces(arc, width));
    const laid = lay();
    levelled(laid);
    spread(laid);
    const base = svg.getBoundingClientRect();
    lay().forEach((piece, place) => {
      const { level } = laid[place];
      if (level !== undefined) svg.append(group({ ...piece, level }, base));
    });
  };

  const waiting = new Set();
  const later = (article) => {
    if (!waiting.size) requestAnimationFrame(() => {
      const now = [...waiting];
      waiting.clear();
      now.forEach(draw);
    });
    waiting.add(article);
  };
  // Only another width moves words to other places.
  const widths = new WeakMap();
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target, contentRect: { width } }) => {
    if (widths.get(target) !== width) later(target);
    widths.set(target, width);
  }));
  const near = new IntersectionObserver(
    (entries) => entries.forEach((entry) => { if (entry.isIntersecting) sizes.observe(entry.target); }),
    { rootMargin: "400px" },
  );
  const related = () => document.querySelectorAll("article:has([data-arcs])");
  // Draw those of the page that come near the window, and again when their size changes; says whether there are any.
  const watch = () => {
    sizes.disconnect();
    near.disconnect();
    related().forEach((article) => near.observe(article));
    return related().length > 0;
  };
  const again = () => related().forEach(later);
  // Those that join a mention, or that are of a relation of the list.
  const light = (article, is) => article.querySelectorAll("svg.arcs g").forEach((one) => one.classList.toggle("hot", is(JSON.parse(one.dataset.ends))));
  return { watch, again, light };
})();
