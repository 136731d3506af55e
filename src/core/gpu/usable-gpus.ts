/** The GPUs that tasks may be given, by the names that users and CUDA know them by, and what points a process to one. */
import { type InstalledGpu, installedGpus, unplacedNvidia } from "./installed-gpus.ts";
import { type PciAddress, parsePciAddress } from "./pci-address.ts";

export interface UsableGpu {
  /** As CUDA_VISIBLE_DEVICES takes it. */
  readonly name: string;
  /** Not known of a MIG slice, or where the container hides `/proc` and `/sys`. */
  readonly address?: PciAddress;
  readonly vendor?: InstalledGpu["vendor"];
  readonly model?: string;
  readonly memoryBytes?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Less than this is a part of the processor's memory that a GPU in the processor calls its own. */
const leastOwnBytes = 2 ** 31;

interface Place {
  readonly root?: string;
  /** As `process.platform`. */
  readonly platform?: string;
}

export interface MachineGpus {
  /** Those that tasks may be given. */
  readonly usable: readonly UsableGpu[];
  /** Those that this process may use, whatever CUDA_VISIBLE_DEVICES and TOMOFLOW_GPU say. */
  readonly all: readonly UsableGpu[];
}

/** Both, of one look at the machine. */
export function gpusHere(environment: Environment = process.env, place: Place = {}): MachineGpus {
  const kernel = lookAtKernel(environment, place);
  const { CUDA_VISIBLE_DEVICES: _, TOMOFLOW_GPU: __, ...others } = environment;
  return { usable: namedGpus(kernel, environment), all: namedGpus(kernel, others) };
}

/**
 * NVIDIA's GPUs by their number in the order of addresses, as nvidia-smi has them; others by their number too, or by address
 * beside NVIDIA's. CUDA_VISIBLE_DEVICES names them itself where it is set, and TOMOFLOW_GPU leaves those alone that it fits.
 */
export const usableGpus = (environment?: Environment, place?: Place): readonly UsableGpu[] =>
  gpusHere(environment, place).usable;

export const gpusOfMachine = (): readonly UsableGpu[] => gpusHere().all;

interface KernelSight {
  readonly installed: readonly InstalledGpu[];
  /** Numbers of NVIDIA's GPUs where nothing tells their addresses. */
  readonly unplaced: readonly string[];
}

/** Undefined where the system is not Linux. */
function lookAtKernel(
  environment: Environment,
  { root, platform = process.platform }: Place,
): KernelSight | undefined {
  if (platform !== "linux") return undefined;
  const opensNvidia = ["SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"].some((name) => environment[name]);
  const installed = withoutIntegrated(installedGpus({ ...(root !== undefined && { root }), opensNvidia }));
  return { installed, unplaced: installed.length === 0 ? unplacedNvidia(root) : [] };
}

function namedGpus(kernel: KernelSight | undefined, environment: Environment): readonly UsableGpu[] {
  const visible = environment.CUDA_VISIBLE_DEVICES;
  if (kernel === undefined) return visible === undefined ? [{ name: "0" }] : namesOf(visible).map(nameless);
  const { installed, unplaced } = kernel;
  const gpus =
    visible === undefined
      ? numbered(installed, unplaced)
      : namesOf(visible).map((name) => ({ name, ...placed(name, installed, environment) }));
  return fitting(gpus, environment.TOMOFLOW_GPU);
}

const nameless = (name: string): UsableGpu => ({ name });

/** Slurm says `NoDevFiles` to a job that has none. */
const namesOf = (visible: string): readonly string[] =>
  visible
    .split(",")
    .map((name) => name.trim())
    .filter((name) => !["", "-1", "NoDevFiles"].includes(name));

/** A GPU inside the processor does not count beside one with memory of its own. */
function withoutIntegrated(gpus: readonly InstalledGpu[]): readonly InstalledGpu[] {
  const own = gpus.filter(
    ({ vendor, address, memoryBytes = leastOwnBytes }) =>
      memoryBytes >= leastOwnBytes && !(vendor === "intel" && address === "0000:00:02.0"),
  );
  return own.length > 0 ? own : gpus;
}

function numbered(installed: readonly InstalledGpu[], unplaced: readonly string[]): readonly UsableGpu[] {
  if (installed.length === 0) return unplaced.map(nameless);
  const { counted, others } = split(installed);
  return [
    ...counted.map((gpu, index) => ({ name: String(index), ...gpu })),
    ...others.map((gpu) => ({ name: gpu.address, ...gpu })),
  ];
}

/** NVIDIA's have numbers, or all where there is none of NVIDIA. */
function split(installed: readonly InstalledGpu[]) {
  const nvidia = installed.filter(({ vendor }) => vendor === "nvidia");
  if (nvidia.length === 0) return { counted: installed, others: [] };
  return { counted: nvidia, others: installed.filter(({ vendor }) => vendor !== "nvidia") };
}

/** Which one CUDA means by a number or a UUID; nothing where CUDA's order, the fastest first, may be another than ours. */
function placed(
  name: string,
  installed: readonly InstalledGpu[],
  { CUDA_DEVICE_ORDER: order }: Environment,
): Partial<InstalledGpu> {
  const { counted } = split(installed);
  if (!/^\d+$/.test(name)) return counted.find(({ uuid }) => uuid?.startsWith(name)) ?? {};
  const sameOrder = order === "PCI_BUS_ID" || new Set(counted.map(({ model }) => model)).size === 1;
  return (sameOrder && counted[Number(name)]) || {};
}

/** Those that TOMOFLOW_GPU means. A name that fits no model is the engine's to find: no address is set over it. */
function fitting(gpus: readonly UsableGpu[], wanted: string | undefined): readonly UsableGpu[] {
  if (!wanted) return gpus;
  const address = parsePciAddress(wanted);
  if (address !== undefined) return gpus.filter((gpu) => gpu.address === address);
  const named = gpus.filter(({ model }) => model?.includes(wanted));
  return named.length > 0 ? named : gpus.map(({ address: _, ...gpu }) => gpu);
}

/**
 * What points a process to its GPUs: CUDA to all of them, the `webgpu` engine, which takes one, to the first.
 *
 * @param canChoose whether the machine has others, and `webgpu` can be told which to take
 */
export function gpuEnvironment(
  gpus: readonly UsableGpu[],
  canChoose: boolean,
  environment: Environment = process.env,
): Readonly<Record<string, string>> {
  const [first] = gpus;
  if (first === undefined) return {};
  return {
    CUDA_VISIBLE_DEVICES: gpus.map(({ name }) => name).join(","),
    // our numbers are those of nvidia-smi; the user's own are in the order of CUDA
    ...(environment.CUDA_VISIBLE_DEVICES === undefined && { CUDA_DEVICE_ORDER: "PCI_BUS_ID" }),
    ...(canChoose && first.address !== undefined && { TOMOFLOW_GPU: first.address }),
  };
}
