import type { ComponentProps } from 'react';
import { addressOf, navigate, type Route } from './route';

interface LinkProps extends Omit<ComponentProps<'a'>, 'href' | 'onClick'> {
  readonly to: Route;
}

/** Leads to another place in the app. With a key held it is opened as any link is: in another tab or window. */
export function Link({ to, ...anchor }: LinkProps) {
  return (
    <a
      href={addressOf(to)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(to);
      }}
      {...anchor}
    />
  );
}
