/** Values of environment variables decide what is fresh, and are written nowhere. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const workflow = `version: 1
name: licensed
params: {auth: "Bearer \${env.TOKEN}"}
tomograms: [{id: t0, key: "\${env.TOKEN}"}]
steps:
  ask:
    uses: command
    with:
      outputs: {out: out.txt}
      environment: {TOKEN: "\${env.TOKEN}", PEM: "\${env.PEM}"}
      run: [bash, -c, 'echo "got $TOKEN and $PEM"; printf done > "$outputs_out"; exit 0', "\${params.auth}", "\${row.key}"]
`;

const secret = `pass"word's and $pecials`;
const pem = "-----BEGIN KEY-----\nabcdef0123\n-----END KEY-----";

/** Every file below the folder that holds the text, but the workflow itself. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path, "utf8");
    if (content.includes(text) || content.includes(JSON.stringify(text).slice(1, -1))) found.push(path);
  }
  return found;
}

test("a secret is in no lock, log, plan, event, failure or report, and its change runs the step again", async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, "workflow.yaml"), workflow);
  const call = (words: readonly string[], token = secret) =>
    tomoflow(words, { folder, environment: { TOKEN: token, PEM: pem } });
  const said: string[] = [];
  const collect = async (words: readonly string[], token?: string) => {
    const { stdout, stderr, code } = await call(words, token);
    said.push(stdout, stderr);
    return { stdout, code };
  };

  const first = await collect(["run", "--json"]);
  assert.equal(first.code, 0, said.join(""));
  assert.match(first.stdout, /got \$\{env\.TOKEN\} and /);
  const lock = join(folder, "workflow.lock.yaml");
  assert.match(await readFile(lock, "utf8"), /TOKEN: "\$\{env\.TOKEN\}#[0-9a-f]{8}"/);
  for (const words of [["plan", "--json"], ["status"], ["logs", "workflow.yaml", "ask@t0"]])
    await collect(words);
  assert.match(said.at(-2)!, /got \$\{env\.TOKEN\}/);
  await collect(["why", "results/licensed/ask/t0/out.txt", "--json"]);
  await collect(["report", "-o", "report.html"]);

  // the lock of a version that recorded the value itself is as good
  const masked = await readFile(lock, "utf8");
  const told = JSON.stringify(secret);
  await writeFile(
    lock,
    masked.replace(/TOKEN: "\$\{env\.TOKEN\}#[0-9a-f]{8}"/, () => `TOKEN: ${told}`),
  );
  assert.match((await call(["plan", "--json"])).stdout, /"fresh": ?1/);
  const changed = await call(["plan", "--json"], "another secret");
  assert.match(changed.stdout, /ask\.environment.*another value → .*\$\{env\.TOKEN\}#/);
  assert.ok(!changed.stdout.includes("pecials"), changed.stdout);
  await writeFile(lock, masked);

  // a program that fails tells its last words
  await writeFile(
    join(folder, "workflow.yaml"),
    workflow.replace("exit 0", () => "echo $TOKEN >&2; exit 3"),
  );
  const failed = await collect(["run", "--json"]);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /the last it wrote:\\n +\$\{env\.TOKEN\}/);
  await collect(["plan"]);

  for (const text of [secret, "abcdef0123"]) {
    assert.deepEqual(await filesWith(folder, text), []);
    for (const output of said)
      assert.ok(!output.includes(text) && !output.includes(JSON.stringify(text).slice(1, -1)), output);
  }
});
