import { Component, type ReactNode } from 'react';
import { useTexts } from '../i18n/texts';

interface BoundaryProps {
  readonly children: ReactNode;
  /** What is shown in their place. */
  readonly instead: ReactNode;
}

/** Where a part of the page that can't be shown ends: what is around it stays. */
export class Boundary extends Component<BoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.instead : this.props.children;
  }
}

/** For a part whose script can't be had: with a network, because the server has a newer one. */
export function NotLoaded() {
  const say = useTexts();
  return (
    <div className="failed" role="alert">
      <p>{say(navigator.onLine ? 'banner.update' : 'problem.unreachable')}</p>
      <Reload />
    </div>
  );
}

/** For the whole page, when a fault of the app itself has taken it down. */
export function Broken() {
  const say = useTexts();
  return (
    <main className="opening">
      <div className="failed" role="alert">
        <h1>{say('broken.title')}</h1>
        <p>{say('broken.text')}</p>
        <Reload />
      </div>
    </main>
  );
}

function Reload() {
  return <button type="button" className="button" onClick={() => location.reload()}>{useTexts()('banner.reload')}</button>;
}
