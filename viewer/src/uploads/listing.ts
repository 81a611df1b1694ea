/** What is uploaded: files with their paths, and a name for the set that the same files always have. */

export interface Chosen {
  /** Below the folder that was chosen, with `/` between its parts. */
  readonly path: string;
  readonly file: File;
}

/** The files of an input, a folder's with their path in it. */
export const chosenOf = (files: Iterable<File>): readonly Chosen[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(isWanted);

/** The files of what was dropped, folders with all that is in them. */
export const chosenOfDrop = async (items: DataTransferItemList): Promise<readonly Chosen[]> => {
  const entries = [...items].map((item) => item.webkitGetAsEntry()); // before the first wait: then they are gone
  const found = await Promise.all(entries.map((entry) => (entry === null ? [] : filesOf(entry))));
  return found.flat().filter(isWanted);
};

/** 32 hexadecimal digits that the same paths, sizes and times always give, so that an upload can be gone on with. */
export const nameSet = async (chosen: readonly Chosen[]): Promise<string> => {
  const lines = chosen.map(({ path, file }) => `${path}\0${file.size}\0${file.lastModified}`).sort();
  const bytes = new TextEncoder().encode(lines.join("\n"));
  if (globalThis.crypto?.subtle === undefined) return plainDigest(bytes); // a page that came without TLS
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** A name for the scene: that of the folder or the file, as a scene may be called. */
export const suggestName = (chosen: readonly Chosen[]): string => {
  const first = chosen[0]?.path.split("/")[0] ?? "";
  const bare = chosen.length === 1 ? first.replace(/(\.tar)?\.[A-Za-z0-9]+$/, "") : first;
  return bare
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 80);
};

const isWanted = ({ path }: Chosen): boolean =>
  !path.split("/").some((part) => part === ".DS_Store" || part === "Thumbs.db");

const filesOf = async (entry: FileSystemEntry): Promise<readonly Chosen[]> => {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Chosen[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const each of some) found.push(...(await filesOf(each)));
  }
};

/** FNV-1a, four times with different beginnings. */
const plainDigest = (bytes: Uint8Array): string =>
  [1, 2, 3, 4]
    .map((seed) => {
      let hash = Math.imul(0x811c9dc5, seed);
      for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
      return (hash >>> 0).toString(16).padStart(8, "0");
    })
    .join("");
