/** Folders as the kernel and NVIDIA's driver lay them out. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { installedGpus } from "../../../src/core/gpu/installed-gpus.ts";
import { parsePciAddress } from "../../../src/core/gpu/pci-address.ts";
import { gpuEnvironment, usableGpus } from "../../../src/core/gpu/usable-gpus.ts";
import { temporaryFolder } from "../../support/temporary.ts";

/** As drivers since 2017 write it. */
const information = ({ model, uuid, address, minor }: Record<string, string>): string =>
  [
    `Model: \t\t ${model}`,
    "IRQ:   \t\t 18",
    `GPU UUID: \t ${uuid}`,
    "Video BIOS: \t 92.00.45.00.03",
    "Bus Type: \t PCIe",
    "DMA Size: \t 47 bits",
    "DMA Mask: \t 0x7fffffffffff",
    `Bus Location: \t ${address}`,
    `Device Minor: \t ${minor}`,
    "GPU Excluded:\t No",
    "",
  ].join("\n");

function write(root: string, path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A card of NVIDIA's own driver; minors follow the order in which the driver found the cards, not that of addresses. */
function addNvidia(root: string, address: string, minor: number, model = "Quadro RTX 4000"): void {
  const uuid = `GPU-${address.slice(5, 7)}b57be0-94ff-d352-a59b-d0ee00aeed43`;
  const text = information({ model, uuid, address, minor: String(minor) });
  write(root, `proc/driver/nvidia/gpus/${address}/information`, text);
  write(root, `dev/nvidia${minor}`);
}

function addRendering(
  root: string,
  { name, address, vendor, memory }: { name: string; address: string; vendor: string; memory?: string },
): void {
  const device = `sys/devices/pci0000:00/${address}`;
  write(root, `${device}/vendor`, `${vendor}\n`);
  if (memory) write(root, `${device}/mem_info_vram_total`, `${memory}\n`);
  mkdirSync(join(root, "sys/class/drm", name), { recursive: true });
  symlinkSync(join(root, device), join(root, "sys/class/drm", name, "device"));
  write(root, `dev/dri/${name}`);
}

const usable = (root: string, environment: Record<string, string> = {}) =>
  usableGpus(environment, { root, platform: "linux" }).map(({ name, address }) => `${name} ${address}`);

async function twoOfNvidia(t: TestContext): Promise<string> {
  const root = await temporaryFolder(t);
  addNvidia(root, "0000:41:00.0", 0);
  addNvidia(root, "0000:06:00.0", 1);
  write(root, "dev/nvidiactl");
  return root;
}

test("an address is the same however a program writes it; other words are none", () => {
  for (const text of ["0000:41:00.0", "00000000:41:00.0", "41:00.0", "pci-0000_41_00_0", " 0000:41:00.0\n"])
    assert.equal(parsePciAddress(text), "0000:41:00.0");
  assert.equal(parsePciAddress("00010000:C1:1F.7"), "10000:c1:1f.7");
  for (const text of ["NVIDIA H200", "41", "0", "41:00", "0000:41:00.9", "GPU-6f1b"])
    assert.equal(parsePciAddress(text), undefined, text);
});

test("NVIDIA's GPUs are counted by address, whatever their minors; a card without its device file is another's", async (t) => {
  const root = await twoOfNvidia(t);
  assert.deepEqual(usable(root), ["0 0000:06:00.0", "1 0000:41:00.0"]);
  const gone = information({ model: "Quadro RTX 4000", uuid: "GPU-1", address: "0000:81:00.0", minor: "2" });
  write(root, "proc/driver/nvidia/gpus/0000:81:00.0/information", gone);
  assert.equal(installedGpus({ root }).length, 2);
  write(root, "dev/nvidia2");
  assert.equal(installedGpus({ root }).length, 3);
  assert.deepEqual(installedGpus({ root })[0], {
    address: "0000:06:00.0",
    vendor: "nvidia",
    model: "Quadro RTX 4000",
    uuid: "GPU-06b57be0-94ff-d352-a59b-d0ee00aeed43",
  });
});

test("a driver that tells no minor: one GPU, its file the only one (a GTX 650, canonical/lxd issue 3950)", async (t) => {
  const root = await temporaryFolder(t);
  const text = `Model:           GeForce GTX 650
IRQ:             44
GPU UUID:        GPU-e3f822b9-8c5f-95a5-b379-8dfdeefd7758
Video BIOS:      80.07.35.00.80
Bus Type:        PCIe
DMA Size:        40 bits
DMA Mask:        0xffffffffff
Bus Location:    0000:04:00.0
`;
  write(root, "proc/driver/nvidia/gpus/0000:04:00.0/information", text);
  write(root, "dev/nvidiactl");
  assert.deepEqual(installedGpus({ root }), []);
  write(root, "dev/nvidia0");
  const [gpu] = installedGpus({ root });
  assert.deepEqual([gpu!.model, gpu!.address], ["GeForce GTX 650", "0000:04:00.0"]);
});

test("CUDA_VISIBLE_DEVICES names them by number or UUID; not by number where CUDA may count otherwise", async (t) => {
  const root = await twoOfNvidia(t);
  const visible = (names: string, more = {}) => usable(root, { CUDA_VISIBLE_DEVICES: names, ...more });
  assert.deepEqual(visible("1,GPU-06b57"), ["1 0000:41:00.0", "GPU-06b57 0000:06:00.0"]);
  assert.deepEqual(visible("1,MIG-41b5,7"), ["1 0000:41:00.0", "MIG-41b5 undefined", "7 undefined"]);
  assert.deepEqual(visible("-1"), []);
  assert.deepEqual(visible("NoDevFiles"), []);
  assert.deepEqual(visible(""), []);
  addNvidia(root, "0000:81:00.0", 2, "GeForce GTX 1080 Ti");
  assert.deepEqual(visible("1"), ["1 undefined"]);
  assert.deepEqual(visible("1", { CUDA_DEVICE_ORDER: "PCI_BUS_ID" }), ["1 0000:41:00.0"]);
});

test("TOMOFLOW_GPU leaves the one at the address, or those of the model; a name of no model is left to the engine", async (t) => {
  const root = await twoOfNvidia(t);
  addNvidia(root, "0000:81:00.0", 2, "GeForce GTX 1080 Ti");
  assert.deepEqual(usable(root, { TOMOFLOW_GPU: "41:00.0" }), ["1 0000:41:00.0"]);
  assert.deepEqual(usable(root, { TOMOFLOW_GPU: "00:1f.0" }), []);
  assert.deepEqual(usable(root, { TOMOFLOW_GPU: "GeForce" }), ["2 0000:81:00.0"]);
  assert.deepEqual(usable(root, { TOMOFLOW_GPU: "llvmpipe" }), ["0 undefined", "1 undefined", "2 undefined"]);
});

test("AMD's and Intel's are counted too; a GPU inside the processor not beside others, and not where it may not be used", async (t) => {
  const root = await temporaryFolder(t);
  const intel = { name: "renderD128", address: "0000:00:02.0", vendor: "0x8086" };
  addRendering(root, intel);
  assert.deepEqual(usable(root), ["0 0000:00:02.0"]);
  const amd = { vendor: "0x1002", memory: "17163091968" };
  addRendering(root, { name: "renderD130", address: "0000:0c:00.0", ...amd });
  addRendering(root, { name: "renderD129", address: "0000:83:00.0", ...amd });
  addRendering(root, { name: "renderD131", address: "0000:e3:00.0", vendor: "0x1002", memory: "536870912" });
  assert.deepEqual(usable(root), ["0 0000:0c:00.0", "1 0000:83:00.0"]);
  assert.equal(usableGpus({}, { root, platform: "linux" })[0]!.memoryBytes, 17163091968);
  addNvidia(root, "0000:41:00.0", 0);
  assert.deepEqual(usable(root), [
    "0 0000:41:00.0",
    "0000:0c:00.0 0000:0c:00.0",
    "0000:83:00.0 0000:83:00.0",
  ]);
});

test("where nothing tells addresses, as in a container without /proc/driver, the device files are counted", async (t) => {
  const root = await temporaryFolder(t);
  assert.deepEqual(usable(root), []);
  for (const name of ["nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm"]) write(root, `dev/${name}`);
  assert.deepEqual(usable(root), ["2 undefined", "10 undefined"]);
  assert.deepEqual(usableGpus({}, { platform: "darwin" }), [{ name: "0" }]);
});

test("a task's variables: CUDA gets all its GPUs, webgpu the first where it can choose, the user's own order stays", () => {
  const gpus = [{ name: "1", address: "0000:41:00.0" }, { name: "0" }];
  assert.deepEqual(gpuEnvironment(gpus, true, {}), {
    CUDA_VISIBLE_DEVICES: "1,0",
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    TOMOFLOW_GPU: "0000:41:00.0",
  });
  assert.deepEqual(gpuEnvironment(gpus, false, { CUDA_VISIBLE_DEVICES: "0,1" }), {
    CUDA_VISIBLE_DEVICES: "1,0",
  });
  assert.deepEqual(gpuEnvironment([], true, {}), {});
});
