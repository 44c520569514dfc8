/* memo — a component that is drawn again only when something it was given has changed: for the rows of long lists. */

import { Component, type ComponentType } from 'preact';

const differ = (a: Record<string, unknown>, b: Record<string, unknown>): boolean =>
  Object.keys({ ...a, ...b }).some((k) => a[k] !== b[k]);

export function memo<P extends object>(View: ComponentType<P>): ComponentType<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return differ(this.props as Record<string, unknown>, next as Record<string, unknown>);
    }
    override render() {
      return <View {...(this.props as P)} />;
    }
  };
}
