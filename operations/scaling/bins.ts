/**
 * Values over time, each `[time, value]`, in so many columns of equal width: the highest value that holds in each.
 *
 * @param values in order of time, at least one
 * @returns undefined for a column in which there is nothing but undefined
 */
export function bins(
  values: readonly (readonly [time: number, value: number | undefined])[],
  columns: number,
  duration: number,
): (number | undefined)[] {
  const highest: (number | undefined)[] = Array.from({ length: columns });
  values.forEach(([time, value], index) => {
    if (value === undefined || time > duration) return;
    const until = Math.min(values[index + 1]?.[0] ?? duration, duration);
    const last = Math.max(columnOf(time), Math.ceil((until / duration) * columns) - 1);
    for (let column = columnOf(time); column <= Math.min(columns - 1, last); column++) {
      highest[column] = Math.max(highest[column] ?? 0, value);
    }
  });
  return highest;

  function columnOf(time: number): number {
    return Math.min(columns - 1, Math.floor((time / duration) * columns));
  }
}
