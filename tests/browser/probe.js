// What a page shows, measured on the page itself.
const SPOKEN_OF_BY_NONE = "button, noscript, script, style, template, dialog:not([open])";

const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

// Any colour that CSS knows as red, green, blue and alpha.
const rgba = (colour) => {
  const plain = colour.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
  if (plain) return [+plain[1], +plain[2], +plain[3], plain[4] === undefined ? 1 : +plain[4]];
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below) =>
  [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])).concat(1);
const luminance = (colour) => {
  const [r, g, b] = colour.slice(0, 3).map((part) => {
    const p = part / 255;
    return p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const hex = (colour) => "#" + colour.slice(0, 3).map((n) => Math.round(n).toString(16).padStart(2, "0")).join("");

const canvas = () => {
  const asks = getComputedStyle(document.documentElement).colorScheme;
  const isDark = asks.includes("dark") && (!asks.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
  return isDark && !matchMedia("print").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
};
const parent = (element) => element.assignedSlot ?? element.parentElement ?? element.getRootNode().host;

// The colour that an element's text stands on.
const backdrop = (element) => {
  const layers = [];
  for (let at = element; at; at = parent(at)) {
    const colour = rgba(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reduceRight((below, top) => over(top, below), canvas());
};
const opacity = (element) => {
  let product = 1;
  for (let at = element; at; at = parent(at)) product *= +getComputedStyle(at).opacity;
  return product;
};

// There for screen readers alone: cut down to a dot.
const isCut = (element) => {
  for (let at = element; at && at !== document.body; at = parent(at)) {
    const style = getComputedStyle(at);
    if (style.clip !== "auto" && style.position === "absolute") return true;
    if (style.clipPath.startsWith("inset(50%") || style.clipPath.startsWith("inset(100%")) return true;
    const box = at.getBoundingClientRect();
    if (style.overflowX !== "visible" && style.display !== "contents" && (box.width <= 1.5 || box.height <= 1.5)) return true;
  }
  return false;
};
const isSeen = (element) =>
  element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: false }) &&
  element.getClientRects().length > 0 && !isCut(element);
const named = (element) => {
  const classes = [...element.classList].map((name) => `.${name}`).join("");
  return element.localName + (element.id ? `#${element.id}` : "") + classes;
};

// Each piece of text that is seen, with its element.
const pieces = (root) => {
  const found = [];
  const seen = new Map();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: element, data } = walker.currentNode;
    if (!data.trim() || !element) continue;
    if (!seen.has(element)) seen.set(element, isSeen(element));
    if (seen.get(element)) found.push([element, data.trim()]);
  }
  return found;
};

const isDecoration = (element) => element.closest("[aria-hidden=true], :disabled, [aria-disabled=true]") !== null;
const asked = (element, style) => {
  if (element.closest("pre, code")) return 4.5;
  return parseFloat(style.fontSize) >= 24 ? 4.5 : 7;
};

// Text that does not stand out from what it stands on.
const faint = () => {
  const found = new Map();
  const judge = (element, text, style, colour) => {
    const paper = backdrop(element);
    const ink = rgba(colour);
    const seen = over([...ink.slice(0, 3), ink[3] * opacity(element)], paper);
    const is = ratio(seen, paper);
    if (is >= asked(element, style) - 0.005) return;
    const line = `${named(element)}: ${is.toFixed(2)} of ${asked(element, style)}, ${hex(seen)} on ${hex(paper)}`;
    if (!found.has(line)) found.set(line, text.slice(0, 30));
  };
  for (const [element, text] of pieces(document.body)) {
    if (isDecoration(element)) continue; // as is the TeX of a formula, which is there to be copied
    const style = getComputedStyle(element);
    judge(element, text, style, element.closest("svg") ? style.fill : style.color);
  }
  // The outlines of a formula are read, too, and have the colour of the text.
  for (const formula of document.querySelectorAll(".math")) {
    const style = getComputedStyle(formula);
    if (isSeen(formula) && formula.closest("[aria-hidden=true]") === null) judge(formula, "a formula", style, style.color);
  }
  for (const element of document.querySelectorAll("body *:not(svg *):not(.math *)")) {
    for (const side of ["::before", "::after", "::placeholder"]) {
      const style = getComputedStyle(element, side);
      const isText = side === "::placeholder" ? element.placeholder : /["'][^"']*[\p{L}\p{N}]|counter/u.test(style.content) && !style.content.endsWith('/ ""');
      if (isText && isSeen(element) && !isDecoration(element)) judge(element, `${side} ${style.content}`, style, style.color);
    }
  }
  return [...found].map(([line, text]) => `${line} (${text})`);
};

// What reaches over the right edge of the page, and is not in a box that scrolls by itself.
const wide = () => {
  const page = document.scrollingElement;
  const found = [];
  if (page.scrollWidth > page.clientWidth) found.push(`the page is ${page.scrollWidth} px wide in ${page.clientWidth} px`);
  const scrolls = new Map();
  const isHeld = (element) => {
    if (!element || element === document.body) return false;
    if (!scrolls.has(element)) scrolls.set(element, /auto|scroll/.test(getComputedStyle(element).overflowX) || isHeld(parent(element)));
    return scrolls.get(element);
  };
  for (const element of document.body.querySelectorAll("*:not(svg *)")) {
    const box = element.getBoundingClientRect();
    if (box.width > 0 && box.right > page.clientWidth + 1 && !isHeld(parent(element)) && isSeen(element)) {
      found.push(`${named(element)} reaches to ${box.right.toFixed(0)} px`);
    }
  }
  return found.slice(0, 6);
};

// The text of the page's main part as a reader sees it, but for what scripts add.
const words = () => {
  const root = document.querySelector("main") ?? document.body;
  return pieces(root).filter(([element]) => !element.closest(SPOKEN_OF_BY_NONE)).map(([, text]) => text).join(" ").replace(/\s+/g, " ");
};

// Whether something else lies over the middle of an element's first line.
const isCovered = (element) => {
  const box = element.getClientRects()[0];
  if (!box) return true;
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !hit || !(element.contains(hit) || hit.contains(element));
};

// The element that has the focus, and whether that is seen.
const focus = () => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const names = [element, ...(element.labels ?? [])];
  const rings = [...names, element.parentElement, element.nextElementSibling].filter(Boolean);
  const ring = rings.find((each) => {
    const style = getComputedStyle(each);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1.5) return false;
    const paper = backdrop(parent(each) ?? each);
    return style.outlineStyle === "auto" || ratio(over(rgba(style.outlineColor), paper), paper) >= 3;
  });
  return {
    name: named(element), href: element.getAttribute("href"), text: element.textContent.trim().slice(0, 40),
    isSeen: ring !== undefined, isCovered: names.every(isCovered), isLink: element.localName === "a", isInMain: element.closest("main") !== null,
    place: [...document.querySelectorAll("*")].indexOf(element),
  };
};

// What can be reached in the header of the page, in order.
const reachable = () =>
  [...document.querySelectorAll("body > header :is(a[href], button, input, select, summary)")]
    .filter((element) => !element.disabled && element.checkVisibility({ visibilityProperty: true }))
    .map((element) => [...document.querySelectorAll("*")].indexOf(element));

// Where Enter would lead to in a list of results.
const chosen = () => {
  const at = document.activeElement;
  const id = at?.getAttribute("aria-activedescendant");
  const option = id ? document.getElementById(id) : at?.closest("a[href], [role=option]") ?? document.querySelector("[aria-selected=true]");
  return (option?.closest("a[href]") ?? option?.querySelector("a[href]"))?.href ?? null;
};

// What moves, or would.
const moving = () => {
  const found = document.getAnimations().filter((each) => each.playState === "running").map((each) => `an animation of ${named(each.effect.target)}`);
  for (const element of document.querySelectorAll("body, body *:not(svg *)")) {
    for (const side of [null, "::before", "::after"]) {
      const style = getComputedStyle(element, side);
      const lasts = (text) => Math.max(...text.split(",").map((each) => parseFloat(each) * (each.trim().endsWith("ms") ? 1 : 1000)));
      const name = named(element) + (side ?? "");
      if (lasts(style.transitionDuration) > 0.02) found.push(`${name}: a transition of ${style.transitionDuration}`);
      if (style.animationName !== "none" && lasts(style.animationDuration) > 0.02) found.push(`${name}: an animation of ${style.animationDuration}`);
      if (style.scrollBehavior === "smooth") found.push(`${name} scrolls smoothly`);
    }
  }
  for (const image of document.querySelectorAll("img.moving")) if (isSeen(image)) found.push(`${named(image)} is shown`);
  return [...new Set(found)];
};

const paper = () => luminance(backdrop(document.body));
const ink = () => luminance(over(rgba(getComputedStyle(document.body).color), backdrop(document.body)));
// At once, so that pictures that wait to be seen are asked for.
const scrolledDown = () => { scrollTo({ top: document.scrollingElement.scrollHeight, behavior: "instant" }); };
const settled = async () => {
  await document.fonts.ready;
  for (let n = 0; n < 2; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
};
