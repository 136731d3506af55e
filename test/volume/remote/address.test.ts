import assert from "node:assert/strict";
import { test } from "node:test";
import { isPrivateHost, splitStore, urlIn, urlOf } from "../../../src/volume/remote/address.ts";

test("an address of S3 is that of a public bucket", () => {
  assert.equal(
    urlOf("s3://cryoet-data/10440/t.zarr").href,
    "https://cryoet-data.s3.amazonaws.com/10440/t.zarr",
  );
  assert.equal(urlOf("s3://my.bucket/a b").href, "https://s3.amazonaws.com/my.bucket/a%20b");
});

test("a store is found in an address, with what is named inside", () => {
  assert.deepEqual(splitStore("https://h/a/t.zarr"), { store: "https://h/a/t.zarr", inside: "" });
  assert.deepEqual(splitStore("https://h/a/t.ome.zarr/labels/x/?token=1"), {
    store: "https://h/a/t.ome.zarr?token=1",
    inside: "labels/x",
  });
  assert.equal(splitStore("https://h/a/t.zarr.mrc"), undefined);
});

test("keys go before what is asked of the server", () => {
  assert.equal(
    urlIn(new URL("https://h/t.zarr/?token=1"), "0/c/1 2").href,
    "https://h/t.zarr/0/c/1%202?token=1",
  );
});

for (const address of [
  "https://user:secret@h/a.mrc",
  "http://169.254.169.254/latest",
  "s3://bucket",
  "https://",
])
  test(`${address} is refused, without telling its password`, () =>
    assert.throws(
      () => urlOf(address),
      (error: { code?: string; message?: string }) =>
        error.code === "remote-address" && !error.message!.includes("secret"),
    ));

test("hosts of one's own network are known", () => {
  const hosts = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "172.20.0.1",
    "localhost",
    "[::1]",
    "[fd00::1]",
    "a.internal",
  ];
  assert.deepEqual(
    hosts.filter((host) => !isPrivateHost(new URL(`http://${host}/`))),
    [],
  );
  assert.ok(!isPrivateHost(new URL("https://files.cryoetdataportal.cziscience.com/")));
});
