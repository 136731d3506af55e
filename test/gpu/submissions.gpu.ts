/** Runs that are submitted in parts: feeds that come late, fail, or are not waited for, and results that come early. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { globals } from "webgpu";
import type { Feed, Feeds, Tensors } from "../../src/compute/engine.ts";
import { createWebgpuEngine, type WebgpuEngine } from "../../src/compute/webgpu/engine.ts";
import { type Graph, GraphBuilder } from "../../src/network/graph.ts";

const shape = [1, 1, 2, 3, 4];
const links = 6;

/** A chain of convolutions: `y/i` is `w` times what came before, plus `x/i`. */
function chain(): Graph {
  const builder = new GraphBuilder();
  const kernel = builder.input("w", [1, 1, 1, 1, 1]);
  let sum = builder.input("start", shape);
  for (let link = 0; link < links; link++) {
    sum = builder.add(builder.conv3d(sum, kernel), builder.input(`x/${link}`, shape));
    builder.output(`y/${link}`, sum);
  }
  return builder.build();
}

const filled = (value: number) => ({ shape, data: new Float32Array(24).fill(value) });

/** What `change` makes of the feeds 1, 2, 3, … of a chain that doubles. */
function chainFeeds(change: (link: number) => Feed = (link) => filled(link + 1)): Feeds {
  const links6 = Array.from({ length: links }, (_, link) => [`x/${link}`, change(link)] as const);
  return {
    w: { shape: [1, 1, 1, 1, 1], data: Float32Array.of(2) },
    start: filled(0),
    ...Object.fromEntries(links6),
  };
}

const sums = [1, 4, 11, 26, 57, 120];

const lastVoxels = (results: Tensors) => sums.map((_, link) => results[`y/${link}`]!.data.at(-1));

/** An engine that submits each convolution by itself. */
const openEngine = () => createWebgpuEngine({ submissionWork: 1 });

/** Counts submissions. */
function watchSubmissions(t: { mock: typeof test.mock }) {
  const { GPUQueue } = globals as { GPUQueue: { prototype: GPUQueue } };
  return t.mock.method(GPUQueue.prototype, "submit");
}

async function endsClean(engine: WebgpuEngine, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    assert.deepEqual(engine.buffers(), { count: 0, bytes: 0 });
  } finally {
    await engine.dispose();
  }
}

test("each feed is asked for once a run, when the submission before it is made; the values are those of one submission", async (t) => {
  const submissions = watchSubmissions(t);
  const whole = await createWebgpuEngine();
  await endsClean(whole, async () => {
    const program = await whole.compile(chain());
    assert.deepEqual(lastVoxels(await program.run(chainFeeds())), sums);
    assert.equal(submissions.mock.callCount(), 1);
    await program.dispose();
  });
  const engine = await openEngine();
  await endsClean(engine, async () => {
    const program = await engine.compile(chain());
    const made = engine.buffers();
    for (let run = 0; run < 3; run++) {
      const asked: (readonly [link: number, submissions: number])[] = [];
      submissions.mock.resetCalls();
      const feeds = chainFeeds((link) => async () => {
        asked.push([link, submissions.mock.callCount()]);
        await new Promise((resolve) => setImmediate(resolve));
        return filled(link + 1);
      });
      assert.deepEqual(lastVoxels(await program.run(feeds)), sums);
      assert.deepEqual(
        asked,
        sums.map((_, link) => [link, link]),
        "a submission a link",
      );
      assert.deepEqual(engine.buffers(), made);
    }
    await program.dispose();
  });
});

test("buffers for what is fed and returned do not grow with the number of submissions", async () => {
  const engine = await openEngine();
  const voxels = 96;
  // two places for the chain, one for a feed, one for the kernel; two readers of one result each
  assert.ok(engine.planBytes(chain()) <= 6 * voxels + 4, `${engine.planBytes(chain())} bytes`);
  const whole = await createWebgpuEngine();
  assert.ok(whole.planBytes(chain()) >= 3 * links * voxels);
  await engine.dispose();
  await whole.dispose();
});

test("results of the first submissions are there while a later one waits for its feed", async (t) => {
  const { GPUBuffer } = globals as { GPUBuffer: { prototype: GPUBuffer } };
  const read = t.mock.method(GPUBuffer.prototype, "getMappedRange");
  const engine = await openEngine();
  await endsClean(engine, async () => {
    const program = await engine.compile(chain());
    const feeds = chainFeeds((link) => async () => {
      while (link === links - 1 && read.mock.callCount() < links - 1)
        await new Promise((resolve) => setImmediate(resolve));
      return filled(link + 1);
    });
    assert.deepEqual(lastVoxels(await program.run(feeds)), sums);
    await program.dispose();
  });
});

test("a feed that fails, is of the wrong shape, or is never given ends its run alone", async () => {
  const engine = await openEngine();
  await endsClean(engine, async () => {
    const program = await engine.compile(chain());
    const failing = (reason: Feed, at = 3) => chainFeeds((link) => (link === at ? reason : filled(link + 1)));
    const broken = new Error("the disk is gone");
    const rejected = assert.rejects(program.run(failing(() => Promise.reject(broken))), broken);
    const next = program.run(chainFeeds());
    await rejected;
    assert.deepEqual(lastVoxels(await next), sums, "asked for while the other failed");
    const thrown = () => {
      throw broken;
    };
    await assert.rejects(program.run(failing(thrown)), broken);
    const small = { shape: [1], data: new Float32Array(1) };
    await assert.rejects(program.run(failing(async () => small)), { code: "feed-shape" });
    await assert.rejects(program.run(failing(small)), { code: "feed-shape" });
    await assert.rejects(program.run({ start: filled(0) }), { code: "feed-missing" });
    const stop = new AbortController();
    const endless = () => {
      setImmediate(() => stop.abort());
      return new Promise<never>(() => {});
    };
    await assert.rejects(program.run(failing(endless), stop.signal), { name: "AbortError" });
    await assert.rejects(program.run(chainFeeds(), stop.signal), { name: "AbortError" });
    assert.deepEqual(lastVoxels(await program.run(chainFeeds())), sums);
    await program.dispose();
  });
});

test("a run that ends early leaves what is kept as it was", async () => {
  const engine = await openEngine();
  await endsClean(engine, async () => {
    const builder = GraphBuilder.from(chain());
    const kernel = chain().inputs.w!;
    builder.output("w", builder.add(kernel, kernel));
    const program = await engine.compile(builder.build(), { kept: ["w"] });
    const { w, ...feeds } = chainFeeds() as Record<string, Tensors[string]>;
    await program.load({ w: w! });
    const stop = new AbortController();
    const aborting = async () => {
      stop.abort();
      return filled(9);
    };
    await assert.rejects(program.run({ ...feeds, "x/4": aborting }, stop.signal), { name: "AbortError" });
    assert.equal((await program.read(["w"])).w!.data[0], 2);
    assert.deepEqual(lastVoxels(await program.run(feeds)), sums);
    assert.equal((await program.read(["w"])).w!.data[0], 4);
    await program.dispose();
  });
});

test("a device that is lost between two submissions ends the run, also while it waits for a feed", async (t) => {
  const { GPUAdapter } = globals as { GPUAdapter: { prototype: GPUAdapter } };
  const requests = t.mock.method(GPUAdapter.prototype, "requestDevice");
  const engine = await openEngine();
  await endsClean(engine, async () => {
    const program = await engine.compile(chain());
    const lose = async () => (await requests.mock.calls.at(-1)!.result!).destroy();
    const losing = chainFeeds((link) => async () => {
      if (link === 2) {
        await lose();
        return new Promise<never>(() => {});
      }
      return filled(link + 1);
    });
    await assert.rejects(program.run(losing), { code: "gpu-lost" });
    await assert.rejects(program.run(chainFeeds()), { code: "gpu-lost" });
    await program.dispose();
    const again = await engine.compile(chain());
    assert.deepEqual(lastVoxels(await again.run(chainFeeds())), sums);
    await again.dispose();
  });
});

test("two programs with runs of many submissions, and one that is compiled meanwhile, do not disturb each other", async () => {
  const engine = await openEngine();
  await endsClean(engine, async () => {
    const [first, second] = await Promise.all([engine.compile(chain()), engine.compile(chain())]);
    const slow = chainFeeds((link) => async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return filled(link + 1);
    });
    const large = new GraphBuilder();
    const x = large.input("x", [1, 1, 8, 8, 8]);
    large.output("y", large.add(x, x));
    const runs = [first.run(slow), second.run(slow), first.run(chainFeeds())];
    const third = await engine.compile(large.build());
    for (const run of runs) assert.deepEqual(lastVoxels(await run), sums);
    await Promise.all([first.dispose(), second.dispose(), third.dispose()]);
  });
});
