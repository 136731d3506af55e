/** Units of length by the names that files give them: UDUNITS-2 as OME-Zarr asks for, and the short forms of other programs. */

/** Å that a metre has. */
const metre = 1e10;

const angstromByUnit: Readonly<Record<string, number>> = {
  å: 1,
  a: 1,
  angstrom: 1,
  ångström: 1,
  pm: 1e-2,
  picometer: 1e-2,
  nm: 10,
  nanometer: 10,
  µm: 1e4,
  um: 1e4,
  micron: 1e4,
  micrometer: 1e4,
  mm: 1e7,
  millimeter: 1e7,
  cm: 1e8,
  centimeter: 1e8,
  m: metre,
  meter: metre,
};

/** Å in one of the unit, whose name may be in capitals, in the plural or spelt as in Britain; undefined for one that is not known. */
export function angstromOfUnit(name: string): number | undefined {
  const plain = name.normalize("NFKC").replace("μ", "µ").trim().toLowerCase().replace(/metre/, "meter");
  const known = (unit: string) => (Object.hasOwn(angstromByUnit, unit) ? angstromByUnit[unit] : undefined);
  return known(plain) ?? known(plain.replace(/(?<=...)s$/, ""));
}
