/**
 * Discrete Fourier transforms of many lines at once, any length: X[k] = Σ x[j]·exp(−2πi·jk/n), not normalised.
 *
 * Method: Stockham's self-sorting transform, decimation in frequency, radices 4, 2, 3, 5 and any prime (Van Loan,
 * "Computational Frameworks for the Fast Fourier Transform", 1992, 1.7). Lines lie interleaved, so that every inner
 * loop runs over neighbours in memory. Lengths whose factors are 2, 3 and 5 are fast; a prime factor p costs p per value.
 */

/** One stage: `radix` parts of length `span`; twiddles by (p, k), p = 0…span−1, k = 0…radix−1. */
interface Stage {
  readonly radix: number;
  readonly span: number;
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

export interface LinePlan {
  readonly length: number;
  readonly stages: readonly Stage[];
}

/** Two pairs of buffers; the values of `lines` lines, index position·lines + line, are in `real` and `imaginary`. */
export interface LineBuffers {
  real: Float64Array;
  imaginary: Float64Array;
  spareReal: Float64Array;
  spareImaginary: Float64Array;
}

/** Room for `count` complex values, i.e. lines × length. */
export const createLineBuffers = (count: number): LineBuffers => ({
  real: new Float64Array(count),
  imaginary: new Float64Array(count),
  spareReal: new Float64Array(count),
  spareImaginary: new Float64Array(count),
});

export function createLinePlan(length: number): LinePlan {
  const stages: Stage[] = [];
  let size = length;
  for (const radix of radicesOf(length)) {
    stages.push(createStage(radix, size));
    size /= radix;
  }
  return { length, stages };
}

/** Transforms in place: the buffers trade places, so read `buffers.real` and `buffers.imaginary` afresh afterwards. */
export function transformLines(plan: LinePlan, buffers: LineBuffers, lines: number): void {
  let stride = lines;
  for (const stage of plan.stages) {
    (kernels.get(stage.radix) ?? runAnyRadix)(stage, stride, buffers);
    stride *= stage.radix;
    const { real, imaginary } = buffers;
    buffers.real = buffers.spareReal;
    buffers.imaginary = buffers.spareImaginary;
    buffers.spareReal = real;
    buffers.spareImaginary = imaginary;
  }
}

/** The inverse, not normalised: exchanging real and imaginary parts before and after turns one into the other. */
export function inverseTransformLines(plan: LinePlan, buffers: LineBuffers, lines: number): void {
  exchange(buffers);
  transformLines(plan, buffers, lines);
  exchange(buffers);
}

function exchange(buffers: LineBuffers): void {
  const { real, spareReal } = buffers;
  buffers.real = buffers.imaginary;
  buffers.imaginary = real;
  buffers.spareReal = buffers.spareImaginary;
  buffers.spareImaginary = spareReal;
}

function radicesOf(length: number): number[] {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [4, 2, 3, 5]) for (; rest % radix === 0; rest /= radix) radices.push(radix);
  for (let prime = 7; rest > 1; prime += 2) for (; rest % prime === 0; rest /= prime) radices.push(prime);
  return radices;
}

function createStage(radix: number, size: number): Stage {
  const span = size / radix;
  const cosines = new Float64Array(size);
  const sines = new Float64Array(size);
  for (let p = 0; p < span; p++)
    for (let k = 0; k < radix; k++) {
      const angle = (-2 * Math.PI * p * k) / size;
      cosines[p * radix + k] = Math.cos(angle);
      sines[p * radix + k] = Math.sin(angle);
    }
  return { radix, span, cosines, sines };
}

const kernels: ReadonlyMap<number, typeof runAnyRadix> = new Map([
  [2, runRadix2],
  [3, runRadix3],
  [4, runRadix4],
]);

function runRadix2(stage: Stage, stride: number, buffers: LineBuffers): void {
  const { real: xr, imaginary: xi, spareReal: yr, spareImaginary: yi } = buffers;
  const { span, cosines, sines } = stage;
  const part = stride * span;
  for (let p = 0; p < span; p++) {
    const c = cosines[p * 2 + 1];
    const s = sines[p * 2 + 1];
    let from = stride * p;
    let to = stride * 2 * p;
    for (const end = from + stride; from < end; from++, to++) {
      const dr = xr[from] - xr[from + part];
      const di = xi[from] - xi[from + part];
      yr[to] = xr[from] + xr[from + part];
      yi[to] = xi[from] + xi[from + part];
      yr[to + stride] = dr * c - di * s;
      yi[to + stride] = dr * s + di * c;
    }
  }
}

function runRadix3(stage: Stage, stride: number, buffers: LineBuffers): void {
  const { real: xr, imaginary: xi, spareReal: yr, spareImaginary: yi } = buffers;
  const { span, cosines, sines } = stage;
  const part = stride * span;
  const half = Math.sqrt(3) / 2;
  for (let p = 0; p < span; p++) {
    const c1 = cosines[p * 3 + 1];
    const s1 = sines[p * 3 + 1];
    const c2 = cosines[p * 3 + 2];
    const s2 = sines[p * 3 + 2];
    let from = stride * p;
    let to = stride * 3 * p;
    for (const end = from + stride; from < end; from++, to++) {
      const sumR = xr[from + part] + xr[from + 2 * part];
      const sumI = xi[from + part] + xi[from + 2 * part];
      const turnR = half * (xi[from + part] - xi[from + 2 * part]);
      const turnI = -half * (xr[from + part] - xr[from + 2 * part]);
      const middleR = xr[from] - 0.5 * sumR;
      const middleI = xi[from] - 0.5 * sumI;
      const ar = middleR + turnR;
      const ai = middleI + turnI;
      const br = middleR - turnR;
      const bi = middleI - turnI;
      yr[to] = xr[from] + sumR;
      yi[to] = xi[from] + sumI;
      yr[to + stride] = ar * c1 - ai * s1;
      yi[to + stride] = ar * s1 + ai * c1;
      yr[to + 2 * stride] = br * c2 - bi * s2;
      yi[to + 2 * stride] = br * s2 + bi * c2;
    }
  }
}

function runRadix4(stage: Stage, stride: number, buffers: LineBuffers): void {
  const { real: xr, imaginary: xi, spareReal: yr, spareImaginary: yi } = buffers;
  const { span, cosines, sines } = stage;
  const part = stride * span;
  for (let p = 0; p < span; p++) {
    const at = p * 4;
    const c1 = cosines[at + 1];
    const s1 = sines[at + 1];
    const c2 = cosines[at + 2];
    const s2 = sines[at + 2];
    const c3 = cosines[at + 3];
    const s3 = sines[at + 3];
    let from = stride * p;
    let to = stride * at;
    for (const end = from + stride; from < end; from++, to++) {
      const evenR = xr[from] + xr[from + 2 * part];
      const evenI = xi[from] + xi[from + 2 * part];
      const oddR = xr[from] - xr[from + 2 * part];
      const oddI = xi[from] - xi[from + 2 * part];
      const sumR = xr[from + part] + xr[from + 3 * part];
      const sumI = xi[from + part] + xi[from + 3 * part];
      // −i times the difference
      const turnR = xi[from + part] - xi[from + 3 * part];
      const turnI = xr[from + 3 * part] - xr[from + part];
      const ar = oddR + turnR;
      const ai = oddI + turnI;
      const br = evenR - sumR;
      const bi = evenI - sumI;
      const dr = oddR - turnR;
      const di = oddI - turnI;
      yr[to] = evenR + sumR;
      yi[to] = evenI + sumI;
      yr[to + stride] = ar * c1 - ai * s1;
      yi[to + stride] = ar * s1 + ai * c1;
      yr[to + 2 * stride] = br * c2 - bi * s2;
      yi[to + 2 * stride] = br * s2 + bi * c2;
      yr[to + 3 * stride] = dr * c3 - di * s3;
      yi[to + 3 * stride] = dr * s3 + di * c3;
    }
  }
}

function runAnyRadix(stage: Stage, stride: number, buffers: LineBuffers): void {
  const { real: xr, imaginary: xi, spareReal: yr, spareImaginary: yi } = buffers;
  const { radix, span } = stage;
  const part = stride * span;
  for (let p = 0; p < span; p++)
    for (let k = 0; k < radix; k++) {
      const from = stride * p;
      const to = stride * (radix * p + k);
      yr.fill(0, to, to + stride);
      yi.fill(0, to, to + stride);
      for (let j = 0; j < radix; j++) {
        const angle = -2 * Math.PI * (((j * k) % radix) / radix + (p * k) / (radix * span));
        const c = Math.cos(angle);
        const s = Math.sin(angle);
        const source = from + j * part;
        for (let q = 0; q < stride; q++) {
          yr[to + q] += xr[source + q] * c - xi[source + q] * s;
          yi[to + q] += xr[source + q] * s + xi[source + q] * c;
        }
      }
    }
}
