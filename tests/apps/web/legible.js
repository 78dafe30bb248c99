// Every text that is shown whose contrast is below that of WCAG 2.2, AA (1.4.3): its words, its ratio, what is wanted.
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const painted = (...colours) => {
  canvas.clearRect(0, 0, 1, 1);
  for (const [colour, alpha] of colours) {
    canvas.globalAlpha = alpha;
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  }
  return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
};
const luminance = (colour) => {
  const [red, green, blue] = colour.map((byte) => byte / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const ratio = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};
const ancestors = (element) => (element ? [...ancestors(element.parentElement), element] : []);
const found = [];
const check = (element, pseudo, words) => {
  const style = getComputedStyle(element, pseudo);
  const chain = ancestors(element);
  const layers = [["Canvas", 1], ...chain.map((one) => [getComputedStyle(one).backgroundColor, 1])];
  const opacity = chain.reduce((all, one) => all * Number(getComputedStyle(one).opacity), 1);
  const colour = element instanceof SVGElement ? style.fill : style.color;
  const background = painted(...layers);
  const size = parseFloat(style.fontSize);
  const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  const has = ratio(painted(...layers, [colour, opacity]), background);
  if (has < wanted) found.push(`${has.toFixed(2)} < ${wanted}: ${element.tagName}.${element.getAttribute("class") ?? ""}${pseudo ?? ""} ${colour} on ${background}: ${words.slice(0, 40)}`);
};
const isShown = (element) => {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return style.visibility === "visible" && style.clipPath === "none" && box.width > 1 && box.height > 1 && !element.closest(":disabled, .hidden, title");
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let count = 0;
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  if (!node.data.trim() || !isShown(node.parentElement)) continue;
  count += 1;
  check(node.parentElement, undefined, node.data.trim());
}
for (const element of document.querySelectorAll("body *")) {
  if (!isShown(element)) continue;
  for (const pseudo of ["::before", "::after"]) {
    const { content } = getComputedStyle(element, pseudo);
    if (/["(]/.test(content) && /[\p{L}…]/u.test(content)) check(element, pseudo, content);
  }
  if (element.placeholder) check(element, "::placeholder", element.placeholder);
}
return [count, [...new Set(found)]];
