const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** A number of bytes for people: three digits and a unit. */
export const writeBytes = (bytes: number): string => {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toPrecision(3)} ${UNITS[step]}`;
};
