/** How many names may still be compared for suggestions: what is wrong in a thousand places is looked up in a few. */
export interface SuggestionBudget {
  left: number;
}

/** Enough for a few slips in the largest workflow. */
export const newSuggestionBudget = (): SuggestionBudget => ({ left: 20_000 });

/**
 * `; did you mean "train"?` when one of `names` is what somebody who wrote `name` probably meant: the same but for case,
 * `-` and `_`, or a slip or two away. '' when none is near enough, or when the budget is used up.
 */
export function didYouMean(name: string, names: Iterable<string>, budget: SuggestionBudget): string {
  const nearest = nearestName(name, names, budget);
  return nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

/** The name that `didYouMean` asks for. */
export function nearestName(name: string, names: Iterable<string>, budget: SuggestionBudget): string | undefined {
  const wanted = plain(name);
  const slips = wanted.length <= 2 ? 0 : wanted.length <= 5 ? 1 : 2;
  let best: { name: string; distance: number } | undefined;
  for (const candidate of names) {
    if (budget.left <= 0) break;
    budget.left -= 1;
    const most = best === undefined ? slips : best.distance - 1;
    const distance = distanceWithin(wanted, plain(candidate), most);
    if (distance === undefined) continue;
    best = { name: candidate, distance };
    if (distance === 0) break;
  }
  return best?.name;
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-').slice(0, 64);

/**
 * How many letters have to be added, taken away, replaced or exchanged with their neighbour to get from one text to the
 * other; undefined for more than `most`.
 */
function distanceWithin(from: string, to: string, most: number): number | undefined {
  if (most < 0 || Math.abs(from.length - to.length) > most) return undefined;
  if (from === to) return 0;
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    if (Math.min(...current) > most) return undefined;
    [before, above] = [above, current];
  }
  const distance = above[to.length] ?? Infinity;
  return distance <= most ? distance : undefined;
}
