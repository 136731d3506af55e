/** Attributes of data sets and groups, as plain values. */
import type { Triple } from "../volume.ts";

interface Described {
  readonly attrs: Readonly<Record<string, { readonly json_value: unknown }>>;
}

export function textAttribute({ attrs }: Described, name: string): string | null {
  const value = attrs[name]?.json_value;
  const text = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof text === "string" ? text : null;
}

/** Null where it is no finite number. */
export function numberAttribute({ attrs }: Described, name: string): number | null {
  const value = attrs[name]?.json_value;
  const number = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** Null where one of them is no finite number. */
export function numbersAttribute({ attrs }: Described, name: string): number[] | null {
  const value = attrs[name]?.json_value;
  if (!Array.isArray(value)) return null;
  const numbers = value.map(Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}

export function tripleAttribute(described: Described, name: string): Triple | null {
  const numbers = numbersAttribute(described, name);
  return numbers?.length === 3 ? [numbers[0], numbers[1], numbers[2]] : null;
}

/** The object in an attribute of JSON text; null where there is none, and for what is no JSON. */
export function jsonAttribute(described: Described, name: string): object | null {
  const text = textAttribute(described, name);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
