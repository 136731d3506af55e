/**
 * Asks the npm registry whether what we depend on at run time has known holes: `node --import tsx scripts/audit.ts`. Fails for high and
 * critical ones. A registry that keeps no advisories (mirrors answer 404 or 405) cannot be asked: that is said loudly, and is no failure.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What `npm audit --json` prints: a report, or why there is none. */
export interface AuditOutput {
  readonly statusCode?: number;
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly name: string; readonly severity: string; readonly range?: string }>
  >;
}

export interface Verdict {
  readonly isPassed: boolean;
  readonly lines: readonly string[];
}

const grave: ReadonlySet<string> = new Set(["high", "critical"]);

/** Of the text that npm printed. */
export function judgeAudit(text: string): Verdict {
  const output = readOutput(text);
  if (output?.vulnerabilities !== undefined) {
    const all = Object.values(output.vulnerabilities);
    const bad = all.filter(({ severity }) => grave.has(severity));
    const count = `${all.length} known in all, ${bad.length} of them high or critical`;
    return {
      isPassed: bad.length === 0,
      lines: [
        ...bad.map(({ name, range = "", severity }) => `${severity}: ${name} ${range}`.trimEnd()),
        `holes in what is installed with tomoflow: ${count}`,
      ],
    };
  }
  const status = output?.statusCode ?? Number(/\b(404|405)\b/.exec(text)?.[1]);
  const why = output?.message ?? output?.error?.summary ?? text.trim().split("\n")[0] ?? "";
  if (status === 404 || status === 405)
    return {
      isPassed: true,
      lines: [
        "!!! NOT AUDITED: this npm registry cannot be asked for known holes !!!",
        `    it answered: ${why}`,
        "    ask from a machine that reaches the public one: npm audit --omit=dev",
      ],
    };
  return { isPassed: false, lines: [`npm audit gave no report: ${why}`] };
}

function readOutput(text: string): AuditOutput | undefined {
  const start = text.indexOf("{");
  try {
    return JSON.parse(text.slice(start, text.lastIndexOf("}") + 1)) as AuditOutput;
  } catch {
    return undefined;
  }
}

/** npm ends with 1 when it found something, so its status says nothing. */
function runAudit(): Promise<string> {
  return new Promise((resolve, reject) => {
    const npm = spawn("npm", ["audit", "--omit=dev", "--json"], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    npm.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    npm.on("error", reject);
    npm.on("close", () => resolve(text));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { isPassed, lines } = judgeAudit(await runAudit());
  for (const line of lines) process.stdout.write(`${line}\n`);
  process.exitCode = isPassed ? 0 : 1;
}
