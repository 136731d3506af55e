/** `tomoflow volume repair`: a right header for every oddity that `volume info` names. */
import { type Command, Option } from "commander";
import { type Repair, repairVolumeFile } from "../../volume/repair.ts";
import type { Triple } from "../../volume/volume.ts";
import { paint, writeErrorLine } from "../output.ts";
import { parseOrigin, type RewriteFlags, rewrite, withOutputFlags } from "./rewriting.ts";

interface RepairFlags extends RewriteFlags {
  readonly bytes?: "signed" | "unsigned";
  readonly origin?: Triple;
}

export function registerVolumeRepair(volume: Command): void {
  withOutputFlags(volume.command("repair"))
    .description(
      "Write a volume anew with a right header: everything that `volume info` calls odd is set right.",
    )
    .addOption(
      new Option("--bytes <kind>", "what bytes are, where the file does not say").choices([
        "signed",
        "unsigned",
      ]),
    )
    .option("--origin <z,y,x>", "the first voxel's place in Å, where the file does not say", parseOrigin)
    .addHelpText("after", examples)
    .action(repair);
}

const examples = `
What the file cannot tell, such as a voxel size that was never set, is asked for and never guessed.

Examples:
  tomoflow volume repair odd.mrc right.mrc
  tomoflow volume repair unsized.mrc right.mrc --voxel-size 13.48
  tomoflow volume repair holes.mrc right.mrc --nan mean`;

async function repair(input: string, output: string, flags: RepairFlags): Promise<void> {
  const { bytes, origin } = flags;
  let repaired: Repair | undefined;
  await rewrite(output, flags, async (options) => {
    const asked = { ...options, ...(bytes && { bytes }), ...(origin && { originAngstrom: origin }) };
    repaired = await repairVolumeFile(input, output, asked);
    return repaired.spec;
  });
  tell("set right", "nothing was odd", repaired?.mended ?? []);
  if (repaired && repaired.left.length > 0) tell("as it is", "", repaired.left);
}

function tell(title: string, none: string, oddities: Repair["left"]): void {
  writeErrorLine(oddities.length === 0 ? none : `${title}:`);
  for (const { code, message } of oddities) writeErrorLine(`  ${message} ${paint("dim", `[${code}]`)}`);
}
