import { IconButton } from "../components/button.tsx";
import { Icon } from "../components/icon.tsx";
import { type ThemeChoice, useTheme } from "../design/theme.ts";
import { screens } from "../screens.ts";
import { Mark } from "./mark.tsx";
import styles from "./rail.module.css";

const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = {
  system: "light",
  light: "dark",
  dark: "system",
};
const themeIcon = { system: "screen", light: "sun", dark: "moon" } as const;

/** The way from screen to screen, at the left of all of them. */
export function Rail({ screen, onKeys }: { readonly screen: string; readonly onKeys: () => void }) {
  const { choice, choose } = useTheme();
  return (
    <nav className={styles.rail} aria-label="Screens">
      <a href="#/" className={styles.brand} aria-label="tomoflow, home">
        <Mark />
      </a>
      <ul>
        {screens.map(({ name, title, icon }, index) => (
          <li key={name}>
            <a
              href={`#/${name}`}
              className={styles.link}
              aria-current={name === screen ? "page" : undefined}
              title={`${title} (Alt ${index + 1})`}
            >
              <Icon name={icon} size={18} />
              <span>{title}</span>
            </a>
          </li>
        ))}
      </ul>
      <div className={styles.foot}>
        <IconButton
          icon={themeIcon[choice]}
          label={`Colours: ${choice === "system" ? "as the system" : choice}`}
          onClick={() => choose(nextTheme[choice])}
        />
        <IconButton icon="help" label="Keys" shortcut="?" onClick={onKeys} />
      </div>
    </nav>
  );
}
