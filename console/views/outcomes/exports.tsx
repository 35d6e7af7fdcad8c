// The rows that the filters leave, as a file.
import { useState } from 'preact/hooks';
import { fetchExport } from '../../api/download.ts';
import type { ExportFormat } from '../../api/outcomes.ts';
import { decimal } from '../../lib/format.ts';
import type { OutcomesRoute } from '../../lib/route.ts';
import { Download } from '../../parts/download.tsx';
import { locale } from '../../state/reader.ts';

const NAMES: Readonly<Record<ExportFormat, string>> = { csv: 'CSV', ndjson: 'NDJSON' };

export function Exports({ route }: { readonly route: OutcomesRoute }) {
  const [hasRaw, setRaw] = useState(false);
  const more = hasRaw ? ([['include_raw_data', 'true']] as const) : [];
  return (
    <div class="line">
      {(['csv', 'ndjson'] as const).map((format) => (
        <Download
          key={format}
          fileName={`outcomes.${format}`}
          label={`Export as ${NAMES[format]}`}
          load={(signal, progress) =>
            fetchExport(route, format, more, signal, (rows) =>
              progress(`About ${decimal(String(rows), locale)} rows so far…`),
            )
          }
        >
          Export as {NAMES[format]}
        </Download>
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={hasRaw}
          onChange={(event) => setRaw(event.currentTarget.checked)}
        />
        with the raw message of each
      </label>
    </div>
  );
}
