/** What is made of what Vulkan and nvidia-smi say; the lists are of real machines, from public reports of bugs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nvidiaBytesOf } from "../../../src/compute/webgpu/device/device-memory.ts";
import { choiceOf, chooseGpu, surveyOf } from "../../../src/compute/webgpu/device/gpu-choice.ts";
import {
  chosenIndex,
  parseDeviceList,
  type VulkanDevice,
} from "../../../src/compute/webgpu/device/vulkan-devices.ts";
import type { UsableGpu } from "../../../src/core/gpu/usable-gpus.ts";

/** mesa/mesa issue 3719. */
const twoAlike = `selectable devices:
  GPU 0: 8086:e20b "Intel(R) Arc(tm) B580 Graphics (BMG G21)" discrete GPU 0000:03:00.0
  GPU 1: 8086:e20b "Intel(R) Arc(tm) B580 Graphics (BMG G21)" discrete GPU 0000:08:00.0
`;
/** lseurttyuu/GPU-T issue 33, with what a driver may write before. */
const three = `MESA-INTEL: warning: Performance support disabled, consider sysctl dev.i915.perf_stream_paranoid=0
selectable devices:
  GPU 0: 1002:6900 "AMD Radeon R5 M465 Series (RADV ICELAND)" discrete GPU 0000:01:00.0
  GPU 1: 8086:5917 "Intel(R) UHD Graphics 620 (KBL GT2)" integrated GPU 0000:00:02.0
  GPU 2: 10005:0 "llvmpipe (LLVM 21.1.8, 256 bits)" CPU 0000:00:00.0
`;
/** lutris/lutris issue 3447: a program that asks for Vulkan 1.0 learns no addresses. */
const withoutAddresses = `selectable devices:
  GPU 0: 8086:56a1 "Intel(R) Arc(tm) A750 Graphics (DG2)" discrete GPU
  GPU 1: 8086:9a49 "Intel(R) Xe Graphics (TGL GT2)" integrated GPU
`;

/** DRI_PRIME_DEBUG=1 DRI_PRIME=pci-0000_41_00_0, Mesa 26.2.6, two SwiftShaders (test/fixtures/vulkan/pci-addresses.c). */
const explained = `selectable devices:
  GPU 0: 1ae0:c0de "SwiftShader Device (Subzero)" CPU 0000:40:00.0
  GPU 1: 1ae0:c0de "SwiftShader Device (Subzero)" CPU 0000:41:00.0
device-select: device_select_find_dri_prime_tag_default selected 1
selectable devices:
  GPU 0: 1ae0:c0de "SwiftShader Device (Subzero)" CPU 0000:40:00.0
  GPU 1: 1ae0:c0de "SwiftShader Device (Subzero)" CPU 0000:41:00.0
device-select: device_select_find_dri_prime_tag_default selected 1
`;

const sightOf = (text: string) => {
  const devices = parseDeviceList(text);
  return { ...(devices && { devices }), obeys: true, hasAdapter: true };
};
/** Without the layer. */
const blind = { obeys: false, hasAdapter: true };
const arcs: readonly UsableGpu[] = [
  { name: "0", address: "0000:03:00.0" },
  { name: "1", address: "0000:08:00.0" },
];
const unlike: readonly UsableGpu[] = [
  { name: "0", address: "0000:01:00.0", model: "GeForce GTX 1060 6GB" },
  { name: "1", address: "0000:02:00.0", model: "GeForce GTX 1080 Ti" },
];

test("the list of Mesa's layer: names, kinds and addresses; a processor has none", () => {
  const place = ({ name, type, address }: VulkanDevice) => [name, type, address];
  assert.deepEqual(parseDeviceList(three)!.map(place), [
    ["AMD Radeon R5 M465 Series (RADV ICELAND)", "discrete GPU", "0000:01:00.0"],
    ["Intel(R) UHD Graphics 620 (KBL GT2)", "integrated GPU", "0000:00:02.0"],
    ["llvmpipe (LLVM 21.1.8, 256 bits)", "CPU", undefined],
  ]);
  assert.deepEqual(parseDeviceList(withoutAddresses)!.map(place), [
    ["Intel(R) Arc(tm) A750 Graphics (DG2)", "discrete GPU", undefined],
    ["Intel(R) Xe Graphics (TGL GT2)", "integrated GPU", undefined],
  ]);
  assert.equal(parseDeviceList("Warning: Couldn't load libvulkan.so.1"), undefined);
  assert.deepEqual(parseDeviceList("selectable devices:\n"), []);
});

test("one of two alike is chosen through the layer; without it, that is said", () => {
  const choice = choiceOf("0000:08:00.0", arcs, sightOf(twoAlike));
  assert.deepEqual(choice, {
    address: "0000:08:00.0",
    environment: {
      DRI_PRIME: "pci-0000_08_00_0",
      MESA_VK_DEVICE_SELECT_FORCE_DEFAULT_DEVICE: "1",
      MESA_VK_DEVICE_SELECT: undefined,
    },
    expectedName: "Intel(R) Arc(tm) B580 Graphics (BMG G21)",
  });
  assert.throws(() => choiceOf("0000:08:00.0", arcs, blind), {
    code: "gpus-not-told-apart",
    message: /0000:08:00.0 cannot be chosen: .* layer, which is not installed/,
    hint: /mesa-vulkan-drivers/,
  });
  assert.throws(() => choiceOf("0000:09:00.0", arcs, sightOf(twoAlike)), {
    code: "no-gpu",
    hint: /there is 0000:03:00.0, 0000:08:00.0/,
  });
  assert.throws(() => choiceOf("0000:08:00.0", arcs, sightOf(three)), {
    code: "no-gpu",
    message: /Vulkan sees AMD .* at 0000:01:00.0, Intel/,
  });
});

test("GPUs of different names are told apart by them where the layer is missing; the only one needs no choice", () => {
  const name = "GeForce GTX 1080 Ti";
  assert.deepEqual(choiceOf("0000:02:00.0", unlike, blind), {
    address: "0000:02:00.0",
    adapter: name,
    expectedName: name,
  });
  const pair = [...unlike, { name: "2", address: "0000:04:00.0", model: "GeForce GTX 1080 Ti" }];
  assert.throws(() => choiceOf("0000:02:00.0", pair, blind), { code: "gpus-not-told-apart" });
  const longer = [unlike[1]!, { name: "0", address: "0000:01:00.0", model: "GeForce GTX 1080" }];
  assert.throws(() => choiceOf("0000:01:00.0", longer, blind), { code: "gpus-not-told-apart" });
  assert.deepEqual(choiceOf("0000:03:00.0", arcs.slice(0, 1), undefined), {
    address: "0000:03:00.0",
  });
});

test("a layer that takes another GPU than it is told is not used", () => {
  const old = { ...sightOf(twoAlike), obeys: false };
  assert.throws(() => choiceOf("0000:08:00.0", arcs, old), {
    code: "gpus-not-told-apart",
    message: /is too old here/,
    hint: /22\.3 \(Debian 12\)/,
  });
  assert.equal(surveyOf(arcs, old).use, "together");
});

test("what a layer that explains itself took", () => {
  assert.equal(chosenIndex(explained), 1);
  assert.equal(parseDeviceList(explained)!.length, 2);
  assert.equal(chosenIndex(twoAlike), undefined);
});

test("a survey says whether each can be chosen, and why not", () => {
  assert.deepEqual(surveyOf(arcs, sightOf(twoAlike)), { use: "each" });
  assert.deepEqual(surveyOf(unlike, blind), { use: "each" });
  assert.equal(surveyOf(arcs, blind).use, "together");
  assert.match(surveyOf(arcs, sightOf(withoutAddresses)).reason!, /A750 .* at an unknown address/);
  assert.match(surveyOf([...arcs, { name: "MIG-1" }], sightOf(twoAlike)).reason!, /address of one of them/);
  assert.equal(surveyOf(arcs, { ...blind, hasAdapter: false }).use, "none");
  assert.equal(surveyOf(arcs.slice(1), sightOf(twoAlike), arcs).use, "each");
  assert.equal(surveyOf(arcs.slice(1), blind, arcs).use, "together");
});

test("TOMOFLOW_GPU: a part of a name goes to Dawn, an address where nothing is found is told", async () => {
  assert.deepEqual(await chooseGpu(""), {});
  assert.deepEqual(await chooseGpu("H200"), { adapter: "H200" });
  await assert.rejects(chooseGpu("ffff:ff:1f.7"), { code: "no-gpu", message: /no GPU at ffff:ff:1f.7/ });
});

test("memory: of the GPU at the address, else of the smallest", () => {
  const list = "00000000:06:00.0, 8192\n00000000:07:00.0, 143771\n00000000:0A:00.0, [N/A]\n";
  assert.equal(nvidiaBytesOf(list, "0000:07:00.0"), 143771 * 2 ** 20);
  assert.equal(nvidiaBytesOf(list), 8192 * 2 ** 20);
  assert.equal(nvidiaBytesOf(list, "0000:99:00.0"), 8192 * 2 ** 20);
  assert.equal(nvidiaBytesOf("", "0000:07:00.0"), undefined);
});
