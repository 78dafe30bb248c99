"use strict";
const drawing = () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const shown = document.getElementById("shown");
  const statements = [...document.querySelectorAll("#said details")];
  document.body.classList.add("drawn");

  // Colours as the style sheet has them, light or dark.
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const hues = [215, 350, 110, 270, 45, 180, 320, 20];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const dot = (node) => `hsl(${hues[node.data("hue")]}, 50%, ${dark.matches ? 62 : 48}%)`;
  const style = () => [
    { selector: "node", style: {
      "background-color": dot, label: "data(label)", color: colour("--ink"), "font-size": 11, width: 16, height: 16,
      "text-valign": "bottom", "text-margin-y": 3, "text-wrap": "ellipsis", "text-max-width": 130,
      "text-outline-color": colour("--card"), "text-outline-width": 2, "min-zoomed-font-size": 6 } },
    { selector: "node[?own]", style: { width: 30, height: 30, "font-size": 14, "font-weight": "bold", "z-index": 5, "z-compound-depth": "top",
      "text-background-color": colour("--card"), "text-background-opacity": 0.85, "text-background-padding": 2 } },
    { selector: "edge", style: {
      "line-color": colour("--line"), "target-arrow-color": colour("--line"), "target-arrow-shape": (line) => (line.data("both") ? "none" : "triangle"),
      "arrow-scale": 0.7, "curve-style": "bezier", width: (line) => 0.8 + 2.4 * line.data("belief") } },
    { selector: ".off", style: { opacity: 0.2 } },
    { selector: "edge.on", style: {
      "line-color": colour("--link"), "target-arrow-color": colour("--link"), label: "data(label)", "font-size": 10,
      color: colour("--ink"), "text-rotation": "autorotate", "text-outline-color": colour("--card"),
      "text-outline-width": 2 } },
    { selector: "node.on", style: { "border-width": 3, "border-color": colour("--link") } },
  ];

  // A circle around the concept that was asked for, to begin with.
  const place = (at, count) => ({ x: 300 * Math.cos((6.283 * at) / count), y: 300 * Math.sin((6.283 * at) / count) });
  const elements = [
    ...data.nodes.map((node, at) => ({ data: node, position: node.own ? { x: 0, y: 0 } : place(at, data.nodes.length) })),
    ...data.edges.map((edge) => ({ data: edge })),
  ];
  const graph = cytoscape({
    container: document.getElementById("graph"), elements, style: style(), maxZoom: 4,
    layout: { name: "cose", animate: false, randomize: false, nodeRepulsion: 90000, idealEdgeLength: 90, padding: 24 },
  });
  if (graph.zoom() > 1.8) graph.zoom(1.8).center(); // two concepts need not fill the page
  dark.addEventListener("change", () => graph.style(style()));

  // What is chosen is bright in the drawing, and alone in the list; a single statement is opened.
  const choose = (chosen, words) => {
    const lines = chosen.filter("edge").union(chosen.filter("node").connectedEdges());
    const some = chosen.nonempty();
    graph.elements().removeClass("on off");
    if (some) {
      graph.elements().not(lines.union(lines.connectedNodes()).union(chosen)).addClass("off");
      lines.addClass("on");
      chosen.addClass("on");
    }
    for (const one of statements) one.hidden = some && !lines.getElementById(one.id).nonempty();
    shown.textContent = some ? `${words}: ${lines.length} of ${statements.length} statements. Esc shows all.` : "";
  };
  const all = () => choose(graph.collection(), "");
  graph.on("tap", "edge", (event) => {
    choose(event.target, event.target.data("label"));
    const statement = document.getElementById(event.target.id());
    statement.open = true;
    statement.querySelector("summary").focus({ preventScroll: true });
    statement.scrollIntoView({ block: "nearest" });
  });
  graph.on("tap", "node", (event) => choose(event.target, event.target.data("label")));
  graph.on("tap", (event) => { if (event.target === graph) all(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape") all(); });

  // By keyboard: the statement that has the focus is bright in the drawing, without hiding the others.
  document.getElementById("said").addEventListener("focusin", (event) => {
    const line = graph.getElementById(event.target.closest("details")?.id ?? "");
    if (line.empty() || statements.some((one) => one.hidden)) return;
    graph.elements().removeClass("on off").not(line.union(line.connectedNodes())).addClass("off");
    line.union(line.connectedNodes()).addClass("on");
  });

  const tools = document.createElement("div");
  tools.id = "tools";
  const button = (words, name, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.setAttribute("aria-label", name);
    made.addEventListener("click", act);
    tools.append(made);
  };
  const zoom = (by) => graph.zoom({ level: graph.zoom() * by, renderedPosition: { x: graph.width() / 2, y: graph.height() / 2 } });
  button("+", "Zoom in", () => zoom(1.3));
  button("\u2212", "Zoom out", () => zoom(1 / 1.3));
  button("All", "Show all statements", () => { all(); graph.fit(undefined, 24); });
  document.getElementById("drawing").append(tools);

  const named = document.getElementById(location.hash.slice(1));
  if (named?.matches("details")) named.open = true;
};
if (document.getElementById("data")) drawing();
