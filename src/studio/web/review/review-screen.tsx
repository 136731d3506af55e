import { Button } from "../components/button.tsx";
import { EmptyState, Waiting } from "../components/empty-state.tsx";
import { Mistakes } from "../components/notice.tsx";
import { mistakesOf } from "../connection/request.ts";
import { ChooseList } from "../lists/choose-list.tsx";
import { nameOf } from "../project/project-queries.ts";
import type { ScreenProps } from "../screens.ts";
import { routeTo } from "../shell/route.ts";
import { goTo } from "../shell/use-route.ts";
import { useVolume } from "../volumes/open-volume.ts";
import { Reviewing } from "./reviewing.tsx";

/** Detections decided about, one after another or many at once. `#/review?tomogram=t1.mrc&list=found.xml&truth=t1.xml` */
export function ReviewScreen({ query }: ScreenProps) {
  const tomogram = query.get("tomogram") ?? query.get("volume");
  const list = query.get("list");
  const volume = useVolume(tomogram);
  if (tomogram === null || list === null)
    return (
      <ChooseList
        icon="review"
        title="Choose detections to review"
        about="Accept, reject or reclass what was found, with one key each, and write the corrected list: it trains the next network."
        screen="review"
        tomogram={tomogram}
      />
    );
  if (volume.isError)
    return (
      <EmptyState
        icon="review"
        title="This tomogram cannot be opened"
        actions={<Button onClick={() => goTo(routeTo("review"))}>Choose another</Button>}
      >
        <Mistakes mistakes={mistakesOf(volume.error)} />
      </EmptyState>
    );
  if (!volume.data) return <Waiting what={`Opening ${nameOf(tomogram)}`} />;
  return (
    <Reviewing
      key={`${volume.data.id} ${list}`}
      volume={volume.data}
      list={list}
      startsWithTruth={query.get("truth") ?? ""}
    />
  );
}
