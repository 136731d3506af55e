/** RELION's tomograms.star as the table of a workflow: of a file, a job and a project. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { relionTable } from "../../src/session/relion-table.ts";
import { tomoflow } from "../support/command-line.ts";
import { temporaryFolder } from "../support/temporary.ts";

const tableOf = (column: string, rows: readonly (readonly [name: string, path: string])[]) => `
# version 50001

data_global

loop_
_rlnTomoName #1
_rlnTomoHand #2
_rlnTomoTiltSeriesPixelSize #3
_rlnTomoTomogramBinning #4
_rlnTomoSizeX #5
_rlnTomoSizeY #6
_rlnTomoSizeZ #7
_${column} #8
${rows.map(([name, path]) => `${name} -1.0 1.35 7.407407 4000 3000 2000 ${path}`).join("\n")}
`;

const whole = "rlnTomoReconstructedTomogram";

async function project(context: TestContext, text: string): Promise<string> {
  const folder = await temporaryFolder(context);
  await mkdir(join(folder, "Tomograms/job006/tomograms"), { recursive: true });
  await writeFile(join(folder, "Tomograms/job006/tomograms.star"), text);
  for (const name of ["TS_01", "TS_03"])
    await writeFile(join(folder, `Tomograms/job006/tomograms/rec_${name}.mrc`), "");
  return folder;
}

const rows = [
  ["TS_01", "Tomograms/job006/tomograms/rec_TS_01.mrc"],
  ["TS_03.tomostar", "Tomograms/job006/tomograms/rec_TS_03.mrc"],
] as const;

test("a table, its job and its project give the same rows, with paths from where the table goes", async (context) => {
  const folder = await project(context, tableOf(whole, rows));
  const output = join(folder, "finding/tomograms.csv");
  for (const source of [
    folder,
    join(folder, "Tomograms/job006"),
    join(folder, "Tomograms/job006/tomograms.star"),
  ]) {
    const made = await relionTable(source, { output, particles: join(folder, "particles.star") });
    assert.ok(made.ok);
    assert.deepEqual(made.diagnostics, []);
    assert.equal(
      made.value.text,
      `id,tomogram,objects
TS_01,../Tomograms/job006/tomograms/rec_TS_01.mrc,../particles.star
TS_03,../Tomograms/job006/tomograms/rec_TS_03.mrc,../particles.star
`,
    );
  }
});

test("halves, tomograms that are not there or not made, and names that are one are told", async (context) => {
  const told = async (text: string) => {
    const folder = await project(context, text);
    const made = await relionTable(folder, { output: join(folder, "t.csv") });
    return made.diagnostics.map(({ code, severity }) => `${severity} ${code}`);
  };
  assert.deepEqual(await told(tableOf("rlnTomoReconstructedTomogramHalf1", rows)), ["warning relion-half"]);
  assert.deepEqual(await told(tableOf(whole, [...rows, ["TS_9", "elsewhere/TS_9.mrc"]])), [
    "warning file-missing",
  ]);
  assert.deepEqual(await told(tableOf("rlnTomoOther", rows)), [
    "error relion-no-tomogram",
    "error relion-no-tomogram",
  ]);
  assert.deepEqual(await told(tableOf(whole, [...rows, ["TS_03", rows[1][1]]])), ["error duplicate-id"]);
  assert.deepEqual(await told(tableOf(whole, [...rows, rows[0]])), ["error objects-star"]);
  const folder = await project(context, tableOf(whole, rows));
  await mkdir(join(folder, "Denoise/job009"), { recursive: true });
  await writeFile(
    join(folder, "Denoise/job009/tomograms.star"),
    tableOf("rlnTomoReconstructedTomogramDenoised", rows),
  );
  const output = join(folder, "t.csv");
  await assert.rejects(relionTable(folder, { output }), { code: "objects-several-tomograms" });
  await assert.rejects(relionTable(join(folder, "nowhere"), { output }), { code: "file-missing" });
});

test("at the command line: a file that is there is kept, and picks go into that project", async (context) => {
  const folder = await project(context, tableOf(whole, rows));
  const made = await tomoflow(["import-relion", "."], { folder });
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^tomograms\.csv written: 2 tomograms of /);
  assert.equal((await tomoflow(["import-relion", "."], { folder })).code, 2);
  await writeFile(
    join(folder, "picks.csv"),
    "class_label,x,y,z,tomo_id\n1,270,202.5,135,TS_01\n1,280,202.5,135,TS_03\n",
  );
  const converted = await tomoflow(
    ["objects", "convert", "picks.csv", "picks.star", "--tomograms", "Tomograms/job006/tomograms.star"],
    { folder },
  );
  assert.equal(converted.code, 0, converted.stderr);
  const text = await readFile(join(folder, "picks.star"), "utf8");
  // 4000 / 7.407407 are 540 voxels of 10 Å; the second is called as RELION calls it
  assert.match(text, /\nTS_01 +0\.000000 +0\.000000 +0\.000000 +1\n/);
  assert.match(text, /\nTS_03\.tomostar +99\.999995 /);
  const back = await tomoflow(
    ["objects", "convert", "picks.star", "back.csv", "--tomograms", "Tomograms/job006/tomograms.star"],
    { folder },
  );
  assert.equal(back.code, 0, back.stderr);
  assert.match(
    await readFile(join(folder, "back.csv"), "utf8"),
    /\n1,280\.0000000\d,202\.5,135,TS_03\.tomostar\n/,
  );
});
