/** Where a card is on the PCI bus: the one name of a GPU that CUDA, Vulkan, the kernel and nvidia-smi share. */

/** `0000:41:00.0`: domain, bus, device, function; hexadecimal, lower case. */
export type PciAddress = string;

const written = /^(?:pci-)?(?:([0-9a-f]{4,8})[:_])?([0-9a-f]{2})[:_]([0-9a-f]{2})[._]([0-7])$/i;

/**
 * An address as the kernel writes it (`0000:41:00.0`), nvidia-smi (`00000000:41:00.0`), lspci (`41:00.0`) or DRI_PRIME
 * (`pci-0000_41_00_0`); undefined for any other text.
 */
export function parsePciAddress(text: string): PciAddress | undefined {
  const parts = written.exec(text.trim());
  if (parts === null) return undefined;
  const [, domain = "0", bus, device, unit] = parts;
  const four = Number.parseInt(domain, 16).toString(16).padStart(4, "0");
  return `${four}:${bus}:${device}.${unit}`.toLowerCase();
}
