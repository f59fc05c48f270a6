/**
 * Seats instead of those that somebody else got: of the same category, beside the ones that are kept, else all together nearby,
 * else simply the nearest.
 */

/** @typedef {import("./plan.js").Hall} Hall */
/** @typedef {{seats: number[], keeps: boolean, together: boolean}} Offer `seats` to take; `keeps`: the kept ones stay and are joined,
 *   otherwise the offer replaces them too */

const ROW_AWAY = 3; // pitches that one row up or down feels like, beside a step along the row
const OFFERS_MAX = 3;

/**
 * Offers for `lost` seats, the best first; empty when the category has none left.
 * @param {Hall} hall @param {(seat: number) => boolean} isFree @param {number[]} lost @param {number[]} kept still in the basket
 * @returns {Offer[]}
 */
export function similar(hall, isFree, lost, kept) {
  const mine = new Set(kept);
  const isOpen = (/** @type {number} */ seat) => isFree(seat) && !mine.has(seat) && !lost.includes(seat);
  const category = hall.category[lost[0]];
  const near = middleOf(hall, [...lost, ...kept]);
  /** @type {Offer[]} */ const offers = [];
  const kin = kept.filter((seat) => hall.category[seat] === category);
  const joined = kin.length ? besideMine(hall, isOpen, mine, kin, category, lost.length) : [];
  if (joined.length) offers.push({ seats: joined, keeps: true, together: true });
  const rest = kept.length - kin.length ? 0 : kept.length; // seats of other categories stay where they are
  for (const block of blocks(hall, isOpen, category, lost.length + rest, near)) {
    if (offers.length < 2) offers.push({ seats: block, keeps: rest === 0, together: true });
  }
  if (kept.length || !offers.length) {
    const scattered = nearest(hall, isOpen, category, lost.length, near);
    const known = offers.some((offer) => offer.keeps && scattered.every((seat) => offer.seats.includes(seat)));
    if (scattered.length === lost.length && !known)
      offers.push({ seats: scattered, keeps: true, together: scattered.length === 1 && !kept.length });
  }
  return offers.slice(0, OFFERS_MAX);
}

/** Free seats that go on from my own in a row, nearest first. @param {Hall} hall @param {(seat: number) => boolean} isOpen @param {Set<number>} mine
 * @param {number[]} kin @param {number} category @param {number} count @returns {number[]} */
function besideMine(hall, isOpen, mine, kin, category, count) {
  /** @type {number[]} */ const found = [];
  const taken = new Set(mine);
  while (found.length < count) {
    const next = kin
      .concat(found)
      .flatMap((seat) => [seat - 1, seat + 1].filter((beside) => hall.run[beside] === hall.run[seat]))
      .find((seat) => isOpen(seat) && !taken.has(seat) && hall.category[seat] === category);
    if (next === undefined) return [];
    found.push(next);
    taken.add(next);
  }
  return found;
}

/** The best stretches of `count` free neighbours, nearest first. @param {Hall} hall @param {(seat: number) => boolean} isOpen
 * @param {number} category @param {number} count @param {{x: number, y: number}} near @returns {number[][]} */
function blocks(hall, isOpen, category, count, near) {
  /** @type {{first: number, away: number, run: number}[]} */ const best = [];
  let length = 0;
  for (let seat = 0; seat < hall.count; seat++) {
    const fits = hall.category[seat] === category && isOpen(seat);
    length = fits ? (seat && length && hall.run[seat] === hall.run[seat - 1] ? length + 1 : 1) : 0;
    if (length < count) continue;
    const first = seat - count + 1;
    const away = awayFrom(hall, near, (hall.x[first] + hall.x[seat]) / 2, (hall.y[first] + hall.y[seat]) / 2);
    const same = best.find((other) => other.run === hall.run[seat]);
    if (same) {
      if (away < same.away) Object.assign(same, { first, away });
    } else if (best.length < OFFERS_MAX) best.push({ first, away, run: hall.run[seat] });
    else if (away < best[best.length - 1].away) best[best.length - 1] = { first, away, run: hall.run[seat] };
    else continue;
    best.sort((a, b) => a.away - b.away);
  }
  return best.map(({ first }) => Array.from({ length: count }, (_, at) => first + at));
}

/** @param {Hall} hall @param {(seat: number) => boolean} isOpen @param {number} category @param {number} count @param {{x: number, y: number}} near */
function nearest(hall, isOpen, category, count, near) {
  /** @type {{seat: number, away: number}[]} */ const open = [];
  for (let seat = 0; seat < hall.count; seat++) {
    if (hall.category[seat] === category && isOpen(seat)) open.push({ seat, away: awayFrom(hall, near, hall.x[seat], hall.y[seat]) });
  }
  return open
    .sort((a, b) => a.away - b.away)
    .slice(0, count)
    .map(({ seat }) => seat);
}

/** @param {Hall} hall @param {{x: number, y: number}} from @param {number} x @param {number} y */
function awayFrom(hall, from, x, y) {
  return Math.hypot(x - from.x, (y - from.y) * (ROW_AWAY / 2)) / hall.pitch;
}

/** @param {Hall} hall @param {number[]} seats */
function middleOf(hall, seats) {
  const sum = seats.reduce((at, seat) => ({ x: at.x + hall.x[seat], y: at.y + hall.y[seat] }), { x: 0, y: 0 });
  return { x: sum.x / seats.length, y: sum.y / seats.length };
}
