import { Component, type ReactNode } from "react";
import { Button } from "../components/button.tsx";
import { EmptyState } from "../components/empty-state.tsx";

interface MendedProps {
  readonly children: ReactNode;
}

/** Catches what goes wrong while a screen is drawn, says it, and lets the person try again; the other screens go on. */
export class Mended extends Component<MendedProps, { fault: Error | null }> {
  override state = { fault: null as Error | null };

  static getDerivedStateFromError(fault: Error) {
    return { fault };
  }

  override render() {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <EmptyState
        icon="error"
        title="This screen stopped"
        actions={
          <Button look="primary" icon="refresh" onClick={() => this.setState({ fault: null })}>
            Try again
          </Button>
        }
      >
        <p>{fault.message}</p>
        <p>Your files are safe. Reload the page if it stops again.</p>
      </EmptyState>
    );
  }
}
