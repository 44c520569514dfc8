import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/pages.css';
import './styles/calendar.css';
import { loadSession } from './state/session';
import { startRouting } from './state/route';
import { startWorker } from './state/worker';
import { App } from './views/app';

/* A marker that the very first page keeps the browser's own focus. */
if (history.state === null) history.replaceState('first', '');
startRouting();
void loadSession();
startWorker();
const root = document.getElementById('app');
if (root) render(<App />, root);
