/** Boxes and the shapes of areas: stages, standing floors, whatever else a plan draws. */

/** @typedef {import("./plan.js").Box} Box */
/** @typedef {import("./plan.js").Shape} Shape */

/** @param {number[]} values @returns {number} the lower median, 0 of nothing */
export function median(values) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  return sorted.length ? sorted[(sorted.length - 1) >> 1] : 0;
}

/** @param {Box} box @param {number} x @param {number} y */
export function widen(box, x, y) {
  box.left = Math.min(box.left, x);
  box.top = Math.min(box.top, y);
  box.right = Math.max(box.right, x);
  box.bottom = Math.max(box.bottom, y);
}

/** @param {Box[]} boxes @returns {Box} */
export function boxAround(boxes) {
  const around = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const box of boxes) {
    widen(around, box.left, box.top);
    widen(around, box.right, box.bottom);
  }
  return boxes.length ? around : { left: 0, top: 0, right: 100, bottom: 100 };
}

/**
 * The shape of an area; null when it has neither outline nor text.
 * @param {any} area @param {{x: number, y: number}} zone
 * @returns {Shape|null}
 */
export function shapeOf(area, zone) {
  const x = zone.x + (area.position?.x ?? 0);
  const y = zone.y + (area.position?.y ?? 0);
  const turn = ((area.rotation ?? 0) * Math.PI) / 180;
  const text = typeof area.text === "string" ? area.text : (area.text?.text ?? "");
  const [kind, size] = outline(area);
  if (!kind && !text) return null;
  const points = corners(kind, size);
  const middle = {
    x: (Math.min(...points.map((p) => p.x)) + Math.max(...points.map((p) => p.x))) / 2,
    y: (Math.min(...points.map((p) => p.y)) + Math.max(...points.map((p) => p.y))) / 2,
  };
  const at = area.text?.position ?? middle;
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const point of points) {
    widen(box, x + point.x * Math.cos(turn) - point.y * Math.sin(turn), y + point.x * Math.sin(turn) + point.y * Math.cos(turn));
  }
  return { x, y, turn, kind, size, box, text, at, letters: area.text?.size ?? 16, area: area.area ?? null };
}

/** @param {any} area @returns {[string, any]} */
function outline(area) {
  if (area.polygon?.points?.length) return ["polygon", area.polygon.points];
  if (area.circle) return ["ellipse", { x: area.circle.radius, y: area.circle.radius }];
  if (area.ellipse) return ["ellipse", area.ellipse.radius];
  if (area.rectangle) return ["rectangle", { x: area.rectangle.width, y: area.rectangle.height }];
  if (area.width && area.height) return ["rectangle", { x: area.width, y: area.height }];
  return ["", { x: 0, y: 0 }];
}

/** @param {string} kind @param {any} size @returns {{x: number, y: number}[]} */
function corners(kind, size) {
  if (kind === "polygon") return size;
  if (kind === "ellipse")
    return [
      { x: -size.x, y: -size.y },
      { x: size.x, y: -size.y },
      { x: size.x, y: size.y },
      { x: -size.x, y: size.y },
    ];
  return [
    { x: 0, y: 0 },
    { x: size.x, y: 0 },
    { x: size.x, y: size.y },
    { x: 0, y: size.y },
  ];
}

/** Draws the outline as a path; the context stands at the shape's own position and turn. @param {CanvasRenderingContext2D} ctx @param {Shape} shape */
export function trace(ctx, shape) {
  ctx.beginPath();
  if (shape.kind === "polygon") {
    shape.size.forEach((/** @type {any} */ point, /** @type {number} */ index) =>
      index ? ctx.lineTo(point.x, point.y) : ctx.moveTo(point.x, point.y),
    );
    ctx.closePath();
  } else if (shape.kind === "ellipse") {
    ctx.ellipse(0, 0, shape.size.x, shape.size.y, 0, 0, 2 * Math.PI);
  } else {
    ctx.rect(0, 0, shape.size.x, shape.size.y);
  }
}

/** Whether a point of the plan lies in the shape. @param {Shape} shape @param {number} x @param {number} y */
export function holds(shape, x, y) {
  if (x < shape.box.left || x > shape.box.right || y < shape.box.top || y > shape.box.bottom) return false;
  const dx = x - shape.x;
  const dy = y - shape.y;
  const across = dx * Math.cos(shape.turn) + dy * Math.sin(shape.turn);
  const down = -dx * Math.sin(shape.turn) + dy * Math.cos(shape.turn);
  if (shape.kind === "ellipse") return (across / shape.size.x) ** 2 + (down / shape.size.y) ** 2 <= 1;
  if (shape.kind !== "polygon") return across >= 0 && down >= 0 && across <= shape.size.x && down <= shape.size.y;
  let inside = false;
  const points = shape.size;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const a = points[i];
    const b = points[j];
    if (a.y > down !== b.y > down && across < ((b.x - a.x) * (down - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}
