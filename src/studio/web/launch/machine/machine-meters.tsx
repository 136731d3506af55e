import { useEffect, useState } from "react";
import { type MachineUse, machineChannel } from "../../../protocol/workflow.ts";
import { studioSocket } from "../../connection/studio-socket.ts";
import { bytesWords } from "../amounts.ts";
import styles from "./machine.module.css";

/** Looks kept: two minutes. */
const kept = 60;

/** Processor, memory and GPUs, now and over the last two minutes. */
export function MachineMeters() {
  const [looks, setLooks] = useState<readonly MachineUse[]>([]);
  useEffect(() => {
    const socket = studioSocket();
    const stop = socket.listen(machineChannel, {
      onOpen: () => void socket.send({ channel: machineChannel, on: true }),
      onMessage: (use) => setLooks((before) => [...before, use as unknown as MachineUse].slice(-kept)),
    });
    return () => {
      socket.send({ channel: machineChannel, on: false });
      stop();
    };
  }, []);
  const now = looks.at(-1);
  if (!now) return <p className={styles.muted}>Measuring…</p>;
  return (
    <div className={styles.meters}>
      <Meter
        name="Processor"
        words={`${now.busyCores.toFixed(1)} of ${now.cores} cores`}
        parts={looks.map(({ busyCores, cores }) => busyCores / cores)}
      />
      <Meter
        name="Memory"
        words={`${bytesWords(now.usedMemoryBytes)} of ${bytesWords(now.memoryBytes)}`}
        parts={looks.map(({ usedMemoryBytes, memoryBytes }) => usedMemoryBytes / memoryBytes)}
      />
      {now.gpus.map(({ name, busy, usedMemoryBytes, memoryBytes }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: GPUs are told in their order and have no other name
        <div key={index} className={styles.gpu}>
          <Meter
            name={now.gpus.length > 1 ? `GPU ${index}` : "GPU"}
            title={name}
            words={`${Math.round(busy * 100)} %, ${bytesWords(usedMemoryBytes)} of ${bytesWords(memoryBytes)}`}
            parts={looks.map(({ gpus }) => gpus[index]?.busy ?? 0)}
          />
        </div>
      ))}
    </div>
  );
}

const width = 120;
const height = 22;

function Meter({
  name,
  title,
  words,
  parts,
}: {
  readonly name: string;
  readonly title?: string;
  readonly words: string;
  readonly parts: readonly number[];
}) {
  const points = parts.map((part, index) => [
    width - ((parts.length - 1 - index) * width) / (kept - 1),
    height - 1 - Math.min(1, Math.max(0, part)) * (height - 2),
  ]);
  const line = points.map(([x, y]) => `${x!.toFixed(1)},${y!.toFixed(1)}`).join(" ");
  const first = points[0]![0]!;
  return (
    <div className={styles.meter} title={title}>
      <span className={styles.name}>{name}</span>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon points={`${first},${height} ${line} ${width},${height}`} />
        <polyline points={line} />
      </svg>
      <span className={styles.words}>{words}</span>
    </div>
  );
}
