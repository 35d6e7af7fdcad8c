// The console's page: one script, mounted once.
import { render } from 'preact';
import { followClock } from './state/clock.ts';
import { followAddress } from './state/location.ts';
import { openSession } from './state/session.ts';
import { followTheme } from './state/theme.ts';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/plot.css';
import './style/frame.css';
import './style/views.css';
import { Frame } from './views/frame.tsx';

const place = document.getElementById('console');
if (!place) throw new Error('index.html has no place for the console.');

followTheme();
followAddress();
followClock();
openSession().then(
  () => render(<Frame />, place),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    render(
      <main>
        <p class="notice failure" role="alert">
          You cannot be signed in: {message}
        </p>
        <button type="button" onClick={() => location.assign(location.pathname)}>
          Try again
        </button>
      </main>,
      place,
    );
  },
);
