/** Volumes at addresses: one object by its ranges, or a Zarr store by its keys. Nothing is stored but what was read. */
import { TomoflowError } from "../../core/error.ts";
import type { ByteFolder } from "../byte-folder.ts";
import type { ByteSource } from "../byte-source.ts";
import { shownUrl, urlIn, urlOf } from "./address.ts";
import { RemoteObject, type RemoteOptions } from "./object.ts";
import type { RemoteFacts } from "./request.ts";

/**
 * The object at an address. Throws `remote-missing`, `remote-unreachable`, `remote-forbidden`, `remote-refused`, `remote-address`; reading
 * throws `remote-changed` too.
 */
export async function openRemoteSource(address: string, options: RemoteOptions = {}): Promise<ByteSource> {
  const object = new RemoteObject(urlOf(address), options);
  const facts = await object.open();
  if (facts) return sourceOf(object, facts);
  throw new TomoflowError("remote-missing", `there is nothing at ${shownUrl(object.url)}`, {
    hint: "check the address; a Zarr store is named by its folder, which ends with .zarr",
  });
}

const sourceOf = (object: RemoteObject, facts: RemoteFacts): ByteSource => ({
  name: shownUrl(object.url),
  size: facts.size,
  read: (position, target, signal) => object.read(facts, position, target, signal),
  close: async () => object.close(),
});

/** The objects below an address, by their keys. Errors as for one, but what is missing is undefined. */
export function openRemoteFolder(address: string, options: RemoteOptions = {}): ByteFolder {
  const folder = urlOf(address);
  const opened = new Set<RemoteObject>();
  return {
    name: shownUrl(folder),
    open: async (key) => {
      const object = new RemoteObject(urlIn(folder, key), options);
      opened.add(object);
      const facts = await object.open().catch(unlessForbidden(key));
      if (!facts) opened.delete(object);
      if (!facts) return undefined;
      const source = sourceOf(object, facts);
      return {
        ...source,
        close: async () => {
          opened.delete(object);
          await source.close();
        },
      };
    },
    close: async () => {
      for (const object of opened) object.close();
    },
  };
}

/** S3 answers so for what is missing, where a bucket may not be listed. A chunk could be there all the same. */
const unlessForbidden = (key: string) => (error: unknown) => {
  const isDescription = /(?:^|\/)(?:zarr\.json|\.z(?:group|array|attrs))$/.test(key);
  if (isDescription && error instanceof TomoflowError && error.code === "remote-forbidden") return undefined;
  throw error;
};
