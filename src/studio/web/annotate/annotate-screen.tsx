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
import { Annotating } from "./annotating.tsx";

/** Objects marked in a tomogram. `#/annotate?tomogram=t1.mrc&list=t1.xml` */
export function AnnotateScreen({ query }: ScreenProps) {
  const tomogram = query.get("tomogram") ?? query.get("volume");
  const list = query.get("list");
  const volume = useVolume(tomogram);
  if (tomogram === null || list === null)
    return (
      <ChooseList
        icon="annotate"
        title={
          tomogram === null
            ? "Choose a tomogram to annotate"
            : `Where do the objects of ${nameOf(tomogram)} go?`
        }
        about="Mark particles by a double click; they are saved as you go, into a list that trains a network or scores one."
        screen="annotate"
        tomogram={tomogram}
        mayBeNew
      />
    );
  if (volume.isError)
    return (
      <EmptyState
        icon="annotate"
        title="This tomogram cannot be opened"
        actions={<Button onClick={() => goTo(routeTo("annotate"))}>Choose another</Button>}
      >
        <Mistakes mistakes={mistakesOf(volume.error)} />
      </EmptyState>
    );
  if (!volume.data) return <Waiting what={`Opening ${nameOf(tomogram)}`} />;
  return <Annotating key={`${volume.data.id} ${list}`} volume={volume.data} list={list} />;
}
