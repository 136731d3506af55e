/** A person corrects, extends and saves a workflow in the forms, and sees its text beside them. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { assertAccessible, openStudioPage } from "../../support/studio-browser.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const text = `# Which proteins are where?
version: 1
name: small

classes: # label -> what it is
  1: {name: ribosome, shape: two-lobed, radius: 9, color: "#4e79a7"} # the large one

tomograms: # one row a tomogram
  - {id: t1, split: train}
  - {id: t2, split: valid}
  - {id: t3} # to be segmented

params:
  epochs: 40 # a first try

steps:
  simulate:
    uses: simulate
    with: {size: [64, 96, 96]}

  # Balls of each class's radius.
  target:
    uses: target
    from: simulate
    where: {split: [train, valid]}

  train:
    uses: train
    from: target
    with:
      patchSize: 50 # voxels
      epochs: "\${params.epochs}"
`;

/** The text in the editor, line by line as it is drawn. */
const shownText = async (page: Page): Promise<string> =>
  (await page.locator(".cm-line").allTextContents()).join("\n");

const outline = (page: Page, name: string) =>
  page
    .getByRole("navigation", { name: "Parts of the workflow" })
    .getByRole("button", { name: new RegExp(`^${name}`) });

test("a wrong parameter is corrected by the message beside its field; the text shows it, every comment stays", async (t) => {
  const root = await temporaryFolder(t);
  await writeFile(join(root, "workflow.yaml"), text);
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  await goTo("#/configure");
  await outline(page, "train").click();
  const field = page.getByRole("textbox", { name: "Patch size" });
  const mistake = page.getByText("patchSize must be a multiple of 4: 50 is not (try 48 or 52)");
  await mistake.waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await keepPicture("configure-mistake");
  await field.fill("52");
  await mistake.waitFor({ state: "detached" });
  await page.getByText("The workflow is right").waitFor();
  assert.match(await shownText(page), /patchSize: 52 # voxels/);
  assert.match(await shownText(page), /epochs: "\$\{params\.epochs\}"/);
  await page.getByText("unsaved changes").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("saved", { exact: true }).waitFor();
  assert.equal(
    await readFile(join(root, "workflow.yaml"), "utf8"),
    text.replace("patchSize: 50", "patchSize: 52"),
  );
  await assertAccessible(page);
});

test("forms, sheet and text are one: edits in each, undo through all, an expression stays one", async (t) => {
  const root = await temporaryFolder(t);
  await writeFile(join(root, "workflow.yaml"), text.replace("50", "52"));
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  await goTo("#/configure");
  await outline(page, "train").click();
  const epochs = page.getByLabel("Epochs", { exact: true });
  assert.equal(await epochs.inputValue(), "${params.epochs}");
  await page.getByRole("switch", { name: "Bootstrap" }).click();
  await page.getByRole("combobox", { name: "Loss" }).selectOption("focal");
  await page.getByText("The workflow is right").waitFor();

  await outline(page, "Tomograms").click();
  await page.getByRole("gridcell", { name: "t3" }).click();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("test");
  await page.keyboard.press("Enter");
  assert.match(await shownText(page), /- \{id: t3, split: test\} # to be segmented/);
  await page
    .getByRole("button", { name: "train", exact: true })
    .dragTo(page.getByRole("gridcell", { name: "t3" }));
  assert.match(await shownText(page), /- \{id: t3, split: train\} # to be segmented/);
  await page.getByRole("checkbox", { name: "Choose row 2" }).check();
  await page.getByRole("checkbox", { name: "Choose row 3" }).check();
  await page.getByRole("button", { name: "valid", exact: true }).click();
  assert.match(await shownText(page), /\{id: t2, split: valid\}\n.*\{id: t3, split: valid\}/);
  await keepPicture("configure-tomograms");

  // typed into the text, seen in the form
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("      warmupSteps: 20");
  await outline(page, "train").click();
  assert.equal(await page.getByLabel("Warmup steps", { exact: true }).inputValue(), "20");
  const all = await shownText(page);
  for (const comment of text.match(/#.*/g)!) assert.ok(all.includes(comment), comment);

  const before = text.replace("50", "52").split("\n");
  for (let count = 0; count < 20; count++) {
    const undo = page.getByRole("button", { name: "Undo" });
    if (await undo.isDisabled()) break;
    await undo.click();
  }
  assert.deepEqual((await shownText(page)).split("\n"), before);
});

test("steps are added from the kinds, renamed with all that names them, and taken out", async (t) => {
  const root = await temporaryFolder(t);
  await writeFile(join(root, "workflow.yaml"), text.replace("50", "52"));
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  await goTo("#/configure");
  await outline(page, "train").click();
  await page.getByRole("button", { name: "Add", exact: true }).first().click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Segment/ })
    .click();
  await page
    .getByRole("heading", { name: "segment" })
    .or(page.getByLabel("Name of the step"))
    .first()
    .waitFor();
  assert.match(
    await shownText(page),
    /segment:\n {4}uses: segment\n {4}from: simulate\n {4}with: \{weights: "\$\{train\.best\}"\}/,
  );
  await outline(page, "train").click();
  const name = page.getByLabel("Name of the step");
  await name.fill("learn");
  await name.press("Enter");
  assert.match(await shownText(page), /weights: "\$\{learn\.best\}"/);
  await outline(page, "learn").waitFor();
  await page.getByText("The workflow is right").waitFor();
  await keepPicture("configure-step");
  await outline(page, "Classes").click();
  await page.getByRole("button", { name: "Add a class" }).click();
  await page.getByRole("textbox", { name: "Name of class 2" }).fill("proteasome");
  assert.match(await shownText(page), /2: \{name: proteasome, radius: 10, color: "#f28e2b"\}/);
  await keepPicture("configure-classes");
});

test("a file that another program changes is shown beside the draft, and neither is lost", async (t) => {
  const root = await temporaryFolder(t);
  const path = join(root, "workflow.yaml");
  await writeFile(path, text);
  const { page, goTo } = await openStudioPage(t, { root });
  await goTo("#/configure");
  await outline(page, "train").click();
  await page.getByRole("textbox", { name: "Patch size" }).fill("52");
  const theirs = text.replace("# a first try", "# from elsewhere");
  await writeFile(path, theirs);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Show both" }).click();
  await page.getByRole("cell", { name: "epochs: 40 # from elsewhere" }).waitFor();
  assert.equal(await readFile(path, "utf8"), theirs);
  await page.getByRole("button", { name: "Save mine over it" }).click();
  await page.getByText("saved", { exact: true }).waitFor();
  assert.equal(await readFile(path, "utf8"), text.replace("50", "52"));

  // unsaved work outlives a reload
  await page.getByRole("textbox", { name: "Patch size" }).fill("64");
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await outline(page, "train").click();
  assert.equal(await page.getByRole("textbox", { name: "Patch size" }).inputValue(), "64");
  await page.getByText("unsaved changes", { exact: true }).waitFor();
});

test("a new workflow begins from a template", async (t) => {
  const root = await temporaryFolder(t);
  const { page, goTo, keepPicture } = await openStudioPage(t, { root });
  await goTo("#/configure");
  await page.getByRole("button", { name: "New workflow" }).click();
  await page.getByRole("radio", { name: /Quick start/ }).check();
  await page.getByRole("textbox", { name: "File" }).fill("trial");
  await keepPicture("configure-new");
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByText("The workflow is right").waitFor();
  assert.match(await readFile(join(root, "trial.yaml"), "utf8"), /^name: "trial"$/m);
});
