/** How well typed letters find a line: whole words first, then beginnings of words, then letters in order. */

/** Higher is better; null when the letters are not there. */
export function score(query: string, text: string): number | null {
  const wanted = query.trim().toLowerCase();
  const words = text.toLowerCase();
  if (wanted === "") return 0;
  if (words === wanted) return 100;
  if (words.startsWith(wanted)) return 80 - words.length / 100;
  const at = words.indexOf(wanted);
  if (at >= 0) return (/[\s×,(-]/.test(words[at - 1] ?? "") ? 60 : 40) - words.length / 100;
  const parts = wanted.split(/\s+/);
  if (parts.length > 1 && parts.every((part) => words.includes(part))) return 30 - words.length / 100;
  let from = 0;
  let jumps = 0;
  for (const letter of wanted) {
    const found = words.indexOf(letter, from);
    if (found < 0) return null;
    if (found > from) jumps++;
    from = found + 1;
  }
  return jumps > wanted.length / 2 + 1 ? null : 20 - jumps - words.length / 100;
}

/** The best `most`, in order; equals keep theirs. */
export function best<T extends { readonly text: string }>(
  query: string,
  entries: readonly T[],
  most: number,
): readonly T[] {
  return entries
    .map((entry) => ({ entry, points: score(query, entry.text) }))
    .filter((each): each is { entry: T; points: number } => each.points !== null)
    .sort((a, b) => b.points - a.points)
    .slice(0, most)
    .map(({ entry }) => entry);
}
