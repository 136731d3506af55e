import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeAudit } from "../../scripts/audit.ts";

const report = (...severities: string[]) =>
  JSON.stringify({
    vulnerabilities: Object.fromEntries(
      severities.map((severity, index) => [`p${index}`, { name: `p${index}`, severity, range: "<2" }]),
    ),
  });

test("high and critical holes fail, lesser ones are counted", () => {
  assert.deepEqual(judgeAudit(report("low", "moderate")), {
    isPassed: true,
    lines: ["holes in what is installed with tomoflow: 2 known in all, 0 of them high or critical"],
  });
  const bad = judgeAudit(report("low", "high", "critical"));
  assert.equal(bad.isPassed, false);
  assert.deepEqual(bad.lines.slice(0, 2), ["high: p1 <2", "critical: p2 <2"]);
});

test("a registry that cannot be asked is said, loudly; any other silence fails", () => {
  const refused = JSON.stringify({
    message: "405 Method Not Allowed - POST https://r/-/npm",
    statusCode: 405,
  });
  const verdict = judgeAudit(`npm warn audit 405\n${refused}`);
  assert.equal(verdict.isPassed, true);
  assert.match(verdict.lines[0]!, /NOT AUDITED/);
  assert.match(verdict.lines[1]!, /405 Method Not Allowed/);
  assert.equal(judgeAudit(JSON.stringify({ message: "503", statusCode: 503 })).isPassed, false);
  assert.equal(judgeAudit("").isPassed, false);
  assert.equal(judgeAudit('{"vulnerabilities": ').isPassed, false);
});
