/** What the machine does, every two seconds while somebody looks. */
import { machineChannel } from "../../protocol/workflow.ts";
import type { StudioContext } from "../context.ts";
import type { Channel } from "../socket.ts";
import { createMachineMeter } from "./machine-meter.ts";

const interval = 2000;

export function machineChannelOf({ channels, signal }: Pick<StudioContext, "channels" | "signal">): Channel {
  const looking = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const meter = createMachineMeter();
  const measure = async (): Promise<void> => {
    const use = await meter();
    if (looking.size > 0) channels.broadcast(machineChannel, { ...use });
  };
  const settle = (): void => {
    if (looking.size === 0 || signal.aborted) {
      clearInterval(timer);
      timer = undefined;
    } else timer ??= setInterval(() => void measure(), interval).unref();
  };
  signal.addEventListener("abort", settle);
  return {
    onMessage({ session }, { on }) {
      if (on === true) looking.add(session);
      else looking.delete(session);
      settle();
      return on === true ? measure() : undefined;
    },
    onClose({ session }) {
      looking.delete(session);
      settle();
    },
  };
}
