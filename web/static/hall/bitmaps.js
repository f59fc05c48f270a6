/**
 * Seats as bitmaps, so that a frame is a few copies of pictures instead of tens of thousands of shapes: one of the whole hall, and
 * square ones at the scale that is looked at. A seat that changes is repainted alone, in every bitmap that has it.
 */

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {import("./brush.js").Brush} Brush */
/** @typedef {{scale: number, x: number, y: number}} Camera plan point (px, py) is at device pixel (px * scale + x, py * scale + y) */
/** @typedef {{ctx: CanvasRenderingContext2D, column: number, line: number, used: number}} Tile */

const TILE = 256; // device pixels: 1,500 small seats are painted in 2 ms, so that no frame waits for long
const TILES_SPARE = 24;
const ACROSS_MAX = 400; // tiles of an old scale that a frame may ask for before the whole-hall bitmap does
const PAINT_MS = 6; // of a frame
const CHANGES_ALONE_MAX = 400; // beyond, the whole bitmap is painted anew

/** @param {number} width @param {number} height @returns {CanvasRenderingContext2D} */
function bitmap(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

export class Bitmaps {
  /** @param {Hall} hall @param {Brush} brush */
  constructor(hall, brush) {
    this._hall = hall;
    this._brush = brush;
    this._ratio = 1;
    this.scale = 0; // of the tiles
    this._frame = 0;
    /** @type {Map<string, Tile>} */ this._tiles = new Map();
    /** @type {CanvasRenderingContext2D|null} */ this._whole = null;
    this._wholeScale = 0;
    this._left = 0; // of the whole-hall bitmap, from the origin of the plan in device pixels
    this._top = 0;
  }

  /** Everything anew: the whole hall at `scale` device pixels per plan unit. @param {number} scale @param {number} ratio @param {Brush} [brush] */
  begin(scale, ratio, brush = this._brush) {
    this._brush = brush;
    this._ratio = ratio;
    this._tiles.clear();
    this._wholeScale = this.scale = scale;
    const { box, pitch } = this._hall;
    this._left = Math.floor((box.left - pitch) * scale);
    this._top = Math.floor((box.top - pitch) * scale);
    this._whole = bitmap(Math.ceil((box.right + pitch) * scale) - this._left, Math.ceil((box.bottom + pitch) * scale) - this._top);
    this._paintWhole();
  }

  _paintWhole() {
    const whole = /** @type {CanvasRenderingContext2D} */ (this._whole);
    whole.clearRect(0, 0, whole.canvas.width, whole.canvas.height);
    this._brush.paint(whole, allOf(this._hall.count), this._wholeScale, this._left, this._top, this._ratio);
  }

  /** Tiles of another scale from now on. @param {number} scale */
  rescale(scale) {
    if (scale === this.scale) return;
    this.scale = scale;
    this._tiles.clear();
  }

  /** Repaint seats that changed. @param {number[]} seats */
  refresh(seats) {
    if (!this._whole) return;
    if (seats.length > CHANGES_ALONE_MAX) {
      this._tiles.clear();
      this._paintWhole();
      return;
    }
    this._repaint(this._whole, seats, this._wholeScale, this._left, this._top);
    const reach = 1.2 * this._brush.radius(this.scale) + 1;
    for (const tile of this._tiles.values()) {
      const left = tile.column * TILE;
      const top = tile.line * TILE;
      const here = seats.filter((seat) => {
        const x = this._hall.x[seat] * this.scale - left;
        const y = this._hall.y[seat] * this.scale - top;
        return x > -reach && y > -reach && x < TILE + reach && y < TILE + reach;
      });
      if (here.length) this._repaint(tile.ctx, here, this.scale, left, top);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number[]} seats @param {number} scale @param {number} left @param {number} top */
  _repaint(ctx, seats, scale, left, top) {
    for (const seat of seats) this._brush.wipe(ctx, seat, scale, left, top);
    this._brush.paint(ctx, seats, scale, left, top, this._ratio);
  }

  /**
   * Draws what the camera sees; whether it was all there, otherwise another frame will be needed.
   * @param {CanvasRenderingContext2D} ctx @param {Camera} camera @returns {boolean}
   */
  draw(ctx, camera) {
    const whole = /** @type {CanvasRenderingContext2D} */ (this._whole);
    if (camera.scale === this._wholeScale) {
      ctx.drawImage(whole.canvas, this._left + camera.x, this._top + camera.y);
      return true;
    }
    const ratio = camera.scale / this.scale;
    const step = TILE * ratio;
    const { box, pitch } = this._hall;
    const first = { x: Math.max(-camera.x, (box.left - pitch) * camera.scale), y: Math.max(-camera.y, (box.top - pitch) * camera.scale) };
    const last = {
      x: Math.min(ctx.canvas.width - camera.x, (box.right + pitch) * camera.scale),
      y: Math.min(ctx.canvas.height - camera.y, (box.bottom + pitch) * camera.scale),
    };
    const columns = [Math.floor(first.x / step), Math.floor((last.x - 1) / step)];
    const lines = [Math.floor(first.y / step), Math.floor((last.y - 1) / step)];
    const across = Math.max(0, columns[1] - columns[0] + 1) * Math.max(0, lines[1] - lines[0] + 1);
    if (across > ACROSS_MAX) {
      this._drawWhole(ctx, camera, -camera.x, -camera.y, ctx.canvas.width, ctx.canvas.height);
      return true;
    }
    return this._drawTiles(ctx, camera, ratio, columns, lines, across);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {number} ratio @param {number[]} columns @param {number[]} lines
   * @param {number} across @returns {boolean} */
  _drawTiles(ctx, camera, ratio, columns, lines, across) {
    const until = performance.now() + PAINT_MS;
    let complete = true;
    this._frame++;
    for (let line = lines[0]; line <= lines[1]; line++) {
      for (let column = columns[0]; column <= columns[1]; column++) {
        let tile = this._tiles.get(`${column} ${line}`);
        // While the scale changes nothing is painted that the next frame would throw away.
        if (!tile && ratio === 1 && performance.now() < until) tile = this._paintTile(column, line);
        const left = Math.round(column * TILE * ratio + camera.x);
        const top = Math.round(line * TILE * ratio + camera.y);
        const width = Math.round((column + 1) * TILE * ratio + camera.x) - left;
        const height = Math.round((line + 1) * TILE * ratio + camera.y) - top;
        if (tile) {
          tile.used = this._frame;
          ctx.drawImage(tile.ctx.canvas, left, top, width, height);
        } else {
          complete = false;
          this._drawWhole(ctx, camera, left - camera.x, top - camera.y, width, height);
        }
      }
    }
    if (this._tiles.size > 2 * across + TILES_SPARE) this._forget(across);
    return complete || ratio !== 1;
  }

  /** A part of the whole-hall bitmap, stretched: (x, y) from the plan's origin in device pixels of the camera's scale.
   * @param {CanvasRenderingContext2D} ctx @param {Camera} camera @param {number} x @param {number} y @param {number} width @param {number} height */
  _drawWhole(ctx, camera, x, y, width, height) {
    const whole = /** @type {CanvasRenderingContext2D} */ (this._whole).canvas;
    const ratio = this._wholeScale / camera.scale;
    const left = Math.max(0, x * ratio - this._left);
    const top = Math.max(0, y * ratio - this._top);
    const right = Math.min(whole.width, (x + width) * ratio - this._left);
    const bottom = Math.min(whole.height, (y + height) * ratio - this._top);
    if (right <= left || bottom <= top) return;
    ctx.drawImage(
      whole,
      left,
      top,
      right - left,
      bottom - top,
      (left + this._left) / ratio + camera.x,
      (top + this._top) / ratio + camera.y,
      (right - left) / ratio,
      (bottom - top) / ratio,
    );
  }

  /** @param {number} column @param {number} line @returns {Tile} */
  _paintTile(column, line) {
    const tile = { ctx: bitmap(TILE, TILE), column, line, used: this._frame };
    const reach = (1.2 * this._brush.radius(this.scale) + 1) / this.scale;
    const left = (column * TILE) / this.scale;
    const top = (line * TILE) / this.scale;
    const width = TILE / this.scale;
    /** @type {number[]} */ const seats = [];
    this._hall.within({ left: left - reach, top: top - reach, right: left + width + reach, bottom: top + width + reach }, (seat) =>
      seats.push(seat),
    );
    this._brush.paint(tile.ctx, seats, this.scale, column * TILE, line * TILE, this._ratio);
    this._tiles.set(`${column} ${line}`, tile);
    return tile;
  }

  /** Let the tiles go that were not seen for longest. @param {number} across */
  _forget(across) {
    const tiles = [...this._tiles].sort(([, a], [, b]) => a.used - b.used);
    for (const [key, tile] of tiles.slice(0, tiles.length - across - TILES_SPARE)) {
      if (tile.used !== this._frame) this._tiles.delete(key);
    }
  }
}

/** @param {number} count */
function* allOf(count) {
  for (let seat = 0; seat < count; seat++) yield seat;
}
