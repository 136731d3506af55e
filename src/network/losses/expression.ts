/**
 * Arithmetic as data, of which losses are made: a derivative is taken of it, and each engine prints it in its own language.
 * What builds it leaves out what changes nothing (0 + x, 1 · x), so that a derivative is no longer than by hand, and turns
 * signs where that costs no rounding.
 */

export type Expression =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "variable"; readonly name: string }
  | {
      readonly type: "plus" | "minus" | "times" | "over";
      readonly a: Expression;
      readonly b: Expression;
    }
  /** `base` is not negative. */
  | { readonly type: "power"; readonly base: Expression; readonly exponent: number }
  | { readonly type: "log" | "exp"; readonly of: Expression }
  /** The larger of the two. A floor keeps quotients and logarithms finite; the derivative is that of `of` also below it. */
  | { readonly type: "atLeast"; readonly of: Expression; readonly least: number };

type Operand = Expression | number;

export const variable = (name: string): Expression => ({ type: "variable", name });

const expressionOf = (operand: Operand): Expression =>
  typeof operand === "number" ? { type: "number", value: operand } : operand;

const isNumber = (expression: Expression, value: number): boolean =>
  expression.type === "number" && expression.value === value;

export function plus(left: Operand, right: Operand): Expression {
  const [a, b] = [expressionOf(left), expressionOf(right)];
  if (a.type === "number" && b.type === "number") return expressionOf(a.value + b.value);
  if (isNumber(a, 0)) return b;
  if (isNumber(b, 0)) return a;
  const negative = [a, b].findIndex(isNegative);
  if (negative >= 0) return minus([a, b][1 - negative]!, negated([a, b][negative]!));
  return { type: "plus", a, b };
}

export function minus(left: Operand, right: Operand): Expression {
  const [a, b] = [expressionOf(left), expressionOf(right)];
  if (a.type === "number" && b.type === "number") return expressionOf(a.value - b.value);
  if (isNumber(b, 0)) return a;
  return isNumber(a, 0) ? negated(b) : { type: "minus", a, b };
}

/** A number comes first, and out of a product: 2 · (x · y). */
export function times(left: Operand, right: Operand): Expression {
  const [a, b] = [expressionOf(left), expressionOf(right)];
  if (a.type === "number" && b.type === "number") return expressionOf(a.value * b.value);
  if (b.type === "number") return times(b, a);
  if (isNumber(a, 0)) return a;
  if (isNumber(a, 1)) return b;
  if (isNumber(a, -1)) return negated(b);
  const [first, second] = [a, b].map(factored);
  if (a.type === "number" && second!.factor !== 1) return times(a.value * second!.factor, second!.rest);
  const factor = first!.factor * second!.factor;
  if (a.type !== "number" && factor !== 1) return times(factor, times(first!.rest, second!.rest));
  if (b.type === "over" && isNumber(b.a, 1)) return over(a, b.b);
  return { type: "times", a, b };
}

export function over(left: Operand, right: Operand): Expression {
  const [a, b] = [expressionOf(left), expressionOf(right)];
  if (isNumber(a, 0) || isNumber(b, 1)) return a;
  return { type: "over", a, b };
}

export function power(of: Operand, exponent: number): Expression {
  const base = expressionOf(of);
  if (exponent === 0) return expressionOf(1);
  return exponent === 1 ? base : { type: "power", base, exponent };
}

export const log = (of: Expression): Expression => ({ type: "log", of });
export const exp = (of: Expression): Expression => ({ type: "exp", of });
export const atLeast = (of: Expression, least: number): Expression => ({ type: "atLeast", of, least });

/** −x, with the sign where it is already: exact. */
export function negated(x: Expression): Expression {
  if (x.type === "number") return expressionOf(-x.value);
  if (x.type === "minus") return { type: "minus", a: x.b, b: x.a };
  if (x.type === "over") return over(negated(x.a), x.b);
  const { factor, rest } = factored(x);
  if (factor === -1) return rest;
  return { type: "times", a: expressionOf(-factor), b: rest };
}

const isNegative = (x: Expression): boolean =>
  x.type === "number" ? x.value < 0 : factored(x).factor < 0 || (x.type === "over" && isNegative(x.a));

/** The number that a product begins with, and what is left. */
function factored(x: Expression): { readonly factor: number; readonly rest: Expression } {
  return x.type === "times" && x.a.type === "number"
    ? { factor: x.a.value, rest: x.b }
    : { factor: 1, rest: x };
}

/** By the variable `name`; of a quotient (a′ − (a/b) b′) / b, of a power n xⁿ⁻¹ x′. */
export function derivativeOf(of: Expression, name: string): Expression {
  const by = (part: Expression) => derivativeOf(part, name);
  switch (of.type) {
    case "number":
      return expressionOf(0);
    case "variable":
      return expressionOf(of.name === name ? 1 : 0);
    case "plus":
      return plus(by(of.a), by(of.b));
    case "minus":
      return minus(by(of.a), by(of.b));
    case "times":
      return plus(times(by(of.a), of.b), times(of.a, by(of.b)));
    case "over":
      return over(minus(by(of.a), times(of, by(of.b))), of.b);
    case "power":
      return times(times(of.exponent, power(of.base, of.exponent - 1)), by(of.base));
    case "log":
      return over(by(of.of), of.of);
    case "exp":
      return times(of, by(of.of));
    case "atLeast":
      return by(of.of);
  }
}

/** How a language writes the parts. */
export interface Printer<Text> {
  number(value: number): Text;
  variable(name: string): Text;
  operate(type: "plus" | "minus" | "times" | "over", a: Text, b: Text): Text;
  power(base: Text, exponent: number): Text;
  apply(name: "log" | "exp", of: Text): Text;
  atLeast(of: Text, least: number): Text;
}

/** Prints each part that is alike once. */
export function createPrint<Text>(printer: Printer<Text>): (expression: Expression) => Text {
  const known = new Map<string, Text>();
  const print = (expression: Expression): Text => {
    const key = JSON.stringify(expression);
    const printed = known.get(key) ?? printAnew(expression);
    known.set(key, printed);
    return printed;
  };
  const printAnew = (expression: Expression): Text => {
    switch (expression.type) {
      case "number":
        return printer.number(expression.value);
      case "variable":
        return printer.variable(expression.name);
      case "power":
        return printer.power(print(expression.base), expression.exponent);
      case "log":
      case "exp":
        return printer.apply(expression.type, print(expression.of));
      case "atLeast":
        return printer.atLeast(print(expression.of), expression.least);
      default:
        return printer.operate(expression.type, print(expression.a), print(expression.b));
    }
  };
  return print;
}
