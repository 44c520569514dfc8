/* fit — how tiles of one shape fill a space best: the number of columns that makes them largest. Pure. */

export const TILE_ASPECT = 16 / 9;

export interface Fit {
  columns: number;
  width: number;
  height: number;
}

export function fitTiles(width: number, height: number, count: number, gap: number): Fit {
  let best: Fit = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const wide = (width - gap * (columns - 1)) / columns;
    const high = (height - gap * (rows - 1)) / rows;
    const w = Math.floor(Math.max(0, Math.min(wide, high * TILE_ASPECT)));
    if (w > best.width) best = { columns, width: w, height: Math.floor(w / TILE_ASPECT) };
  }
  return best;
}
