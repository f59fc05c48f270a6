/**
 * How categories look: a colour and a shape each, dearest first, so that nobody needs to tell colours apart. The page brings the
 * colours (web/palette.py says what they promise).
 */

/** @type {{light: string[], dark: string[]}} */
const COLORS = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("hall-colors")).textContent ?? "");
export const SHAPES = ["circle", "square", "diamond", "triangle", "hexagon", "drop", "pill"];

/** @typedef {{colors: string[], paper: string, ink: string, quiet: string, line: string, accent: string, dark: boolean}} Theme */
/** @typedef {{color: number, shape: string}} Look */

/** The look of every category. @param {number} count @param {(category: number) => number} price @returns {Look[]} by category */
export function looksOf(count, price) {
  const order = Array.from({ length: count }, (_, category) => category).sort((a, b) => price(b) - price(a));
  /** @type {Look[]} */ const looks = [];
  // Seven shapes and eight colours: the first 56 categories differ in the pair.
  order.forEach((category, rank) => (looks[category] = { color: rank % COLORS.light.length, shape: SHAPES[rank % SHAPES.length] }));
  return looks;
}

/** The page's colours as they are now. @returns {Theme} */
export function themeNow() {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    dark,
    colors: dark ? COLORS.dark : COLORS.light,
    paper: color("--paper"),
    ink: color("--ink"),
    quiet: color("--quiet"),
    line: color("--line"),
    accent: color("--accent"),
  };
}

/** Adds a seat's outline to the path. @param {CanvasRenderingContext2D|Path2D} path @param {string} shape @param {number} x @param {number} y
 * @param {number} r half the seat's width */
export function addShape(path, shape, x, y, r) {
  if (shape === "circle") {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  } else if (shape === "square") {
    path.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
  } else if (shape === "pill") {
    path.roundRect(x - 1.1 * r, y - 0.68 * r, 2.2 * r, 1.36 * r, 0.68 * r);
  } else {
    const corners = CORNERS[shape];
    path.moveTo(x + corners[0] * r, y + corners[1] * r);
    for (let at = 2; at < corners.length; at += 2) path.lineTo(x + corners[at] * r, y + corners[at + 1] * r);
    path.closePath();
  }
}

/** @type {Record<string, number[]>} */
const CORNERS = {
  diamond: [0, -1.15, 1.15, 0, 0, 1.15, -1.15, 0],
  triangle: [0, -1.1, 1.1, 0.85, -1.1, 0.85],
  hexagon: [-1, 0, -0.5, -0.9, 0.5, -0.9, 1, 0, 0.5, 0.9, -0.5, 0.9],
  drop: [-1.1, -0.85, 1.1, -0.85, 0, 1.1],
};

/** How far below its middle a shape has room for a number, in radii. @param {string} shape */
export function roomBelow(shape) {
  return shape === "triangle" ? 0.32 : shape === "drop" ? -0.28 : 0.06;
}

/** A category's mark for lists, as a picture that screen readers pass over. @param {Look} look @param {Theme} theme @returns {HTMLCanvasElement} */
export function markOf(look, theme) {
  const mark = document.createElement("canvas");
  const ratio = Math.max(1, devicePixelRatio);
  mark.width = mark.height = Math.round(18 * ratio);
  mark.className = "hall-mark";
  mark.setAttribute("aria-hidden", "true");
  const ctx = /** @type {CanvasRenderingContext2D} */ (mark.getContext("2d"));
  ctx.scale(ratio, ratio);
  ctx.fillStyle = theme.colors[look.color];
  ctx.beginPath();
  addShape(ctx, look.shape, 9, 9, 7);
  ctx.fill();
  return mark;
}
