/** Numbers and names as the viewer writes them: U+2212 for minus, a thin space between thousands. */

export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

export function counted(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

export function degrees(radians: number): string {
  return `${signed((radians * 180) / Math.PI, 1)}°`;
}

const SHORT: Readonly<Record<string, string>> = {
  pedestrian: "ped",
  construction_vehicle: "constr.",
  motorcycle: "moto",
  person_sitting: "sitting",
  traffic_cone: "cone",
};

/** The name of an object on a view: `car 84`, `ped 82`. */
export function chipText(class_name: string, number: number): string {
  return `${SHORT[class_name] ?? class_name.replaceAll("_", " ")} ${number}`;
}
