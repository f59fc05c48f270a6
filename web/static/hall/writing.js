/** One frame's texts over the hall: each on a soft ground, none over another. */

/** @typedef {import("./palette.js").Theme} Theme */
/** @typedef {{x: number, y: number, angle: number, width: number, height: number}} Spot a text's middle, its turn in radians, its ground's
 *   size; all in device pixels */

const FONT = 'system-ui, "DejaVu Sans", sans-serif';

export class Writing {
  /** @param {CanvasRenderingContext2D} ctx @param {Theme} theme @param {number} ratio device pixels per CSS pixel */
  constructor(ctx, theme, ratio) {
    this.ctx = ctx;
    this.theme = theme;
    this.ratio = ratio;
    /** @type {import("./plan.js").Box[]} where something is written already */ this._written = [];
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
  }

  /** The room that lines need, one below the other, `size` pixels high; `slack` times their size are left around them.
   * @param {string[]} lines @param {number} size @param {number} [slack] @returns {{width: number, height: number}} */
  measure(lines, size, slack = 1) {
    this.ctx.font = fontOf(size);
    const width = Math.max(...lines.map((line) => this.ctx.measureText(line).width));
    return { width: width + 0.9 * slack * size, height: 1.25 * lines.length * size + 0.35 * slack * size };
  }

  /** Whether nothing is written there yet. @param {Spot} spot */
  isFree(spot) {
    const box = boxOf(spot);
    return !this._written.some(
      (other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top,
    );
  }

  /** Whether all of it is in the picture. @param {Spot} spot */
  isSeen(spot) {
    const box = boxOf(spot);
    return box.left >= 0 && box.top >= 0 && box.right <= this.ctx.canvas.width && box.bottom <= this.ctx.canvas.height;
  }

  /** Lines of text one below the other; the first is the name. @param {string[]} lines @param {number} size @param {Spot} spot */
  write(lines, size, spot) {
    const { ctx, theme } = this;
    this._written.push(boxOf(spot));
    ctx.save();
    ctx.translate(spot.x, spot.y);
    ctx.rotate(spot.angle);
    ctx.globalAlpha = 0.86;
    ctx.fillStyle = theme.paper;
    ctx.beginPath();
    ctx.roundRect(-spot.width / 2, -spot.height / 2, spot.width, spot.height, size * 0.45);
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.font = fontOf(size);
    lines.forEach((line, at) => {
      ctx.fillStyle = at === 0 ? theme.ink : theme.quiet;
      ctx.fillText(line, 0, (at - (lines.length - 1) / 2) * size * 1.25);
    });
    ctx.restore();
  }

  /** Lines in the middle of something `across` pixels wide; whether there was room, otherwise nothing is written.
   * @param {string[]} lines @param {number} size @param {number} x @param {number} y @param {number} across
   * @param {(spot: Spot) => boolean} [fits] */
  amid(lines, size, x, y, across, fits = () => true) {
    const told = lines.filter((line) => line);
    if (!told.length) return false;
    const room = this.measure(told, size);
    const spot = { x, y, angle: 0, ...room };
    if (room.width - 0.9 * size > across * 1.05 || !this.isFree(spot) || !fits(spot)) return false;
    this.write(told, size, spot);
    return true;
  }

  /** A small text without a ground, where nothing else is written. @param {string} text @param {number} size @param {number} x @param {number} y */
  note(text, size, x, y) {
    const spot = { x, y, angle: 0, width: size, height: size };
    if (!this.isFree(spot)) return;
    this.ctx.font = `500 ${Math.round(size)}px ${FONT}`;
    this.ctx.fillStyle = this.theme.quiet;
    this.ctx.fillText(text, x, y);
  }
}

/** @param {number} size */
function fontOf(size) {
  return `600 ${Math.round(size)}px ${FONT}`;
}

/** The upright box around a turned text. @param {Spot} spot @returns {import("./plan.js").Box} */
function boxOf({ x, y, angle, width, height }) {
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  const across = (width * cos + height * sin) / 2;
  const down = (width * sin + height * cos) / 2;
  return { left: x - across, top: y - down, right: x + across, bottom: y + down };
}
