/** What an address of the user's leads to, checked before anything is asked of it. */
import { TomoflowError } from "../../core/error.ts";

/**
 * The address to ask over HTTP. `s3://bucket/key` is asked as Amazon serves public buckets, or of `AWS_ENDPOINT_URL` where that is set.
 * Throws `remote-address`.
 */
export function urlOf(address: string): URL {
  const url = parse(address);
  if (url.username !== "" || url.password !== "")
    throw wrongAddress(
      `${url.protocol}//…@${url.host}${url.pathname}`,
      "holds a name and a password, which would be written into lock files",
      "use an address that needs none, or save the volume here first",
    );
  if (url.hostname === "169.254.169.254" || url.hostname === "metadata.google.internal")
    throw wrongAddress(address, "is that of a cloud machine's own settings", "name the volume's address");
  url.hash = "";
  return url;
}

function parse(address: string): URL {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(address) ?? [];
  const given = bucket === undefined ? address : `${bucketUrl(bucket)}/${key}`;
  if (bucket === undefined && /^s3:/i.test(address))
    throw wrongAddress(address, "names no object", "write it as s3://BUCKET/FOLDER/NAME");
  try {
    return new URL(given);
  } catch {
    throw wrongAddress(
      address,
      "is no address",
      "write it as https://HOST/FOLDER/NAME or s3://BUCKET/FOLDER/NAME",
    );
  }
}

/** Names with dots do not fit the certificates of hosts that are named after buckets. */
function bucketUrl(bucket: string): string {
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  if (endpoint) return `${endpoint.replace(/\/+$/, "")}/${bucket}`;
  const region = process.env.AWS_REGION ? `s3.${process.env.AWS_REGION}` : "s3";
  return bucket.includes(".")
    ? `https://${region}.amazonaws.com/${bucket}`
    : `https://${bucket}.${region}.amazonaws.com`;
}

const wrongAddress = (address: string, what: string, hint: string): TomoflowError =>
  new TomoflowError("remote-address", `${address} ${what}`, { hint });

/** The address of a key in a folder; what is asked of the server behind `?` stays. */
export function urlIn(folder: URL, key: string): URL {
  const url = new URL(folder);
  url.pathname = `${folder.pathname.replace(/\/+$/, "")}/${key.split("/").map(encodeURIComponent).join("/")}`;
  return url;
}

/** Without what stands behind `?`, which may be a signature. */
export const shownUrl = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`;

/** A Zarr store in an address, and what is named inside it: `https://host/t.zarr/0` is level 0 of `t.zarr`. */
export function splitStore(address: string): { readonly store: string; readonly inside: string } | undefined {
  const [plain, query] = address.split("?", 2) as [string, string | undefined];
  const [, store, inside] = /^(.*?\.zarr)(?:\/+(.*))?$/i.exec(plain) ?? [];
  if (store === undefined) return undefined;
  return {
    store: query === undefined ? store : `${store}?${query}`,
    inside: (inside ?? "").replace(/\/+$/, ""),
  };
}

/** Addresses that only this machine or its network reaches. */
export function isPrivateHost({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return (
    /^(?:localhost|.*\.localhost|.*\.local|.*\.internal)$/.test(host) ||
    /^(?:127|10|0)\.|^192\.168\.|^169\.254\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host) ||
    /^(?:::1?$|f[cd]|fe[89ab]|::ffff:)/.test(host)
  );
}
