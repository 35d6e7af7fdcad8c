// The run's documents as files.
import { fetchFile } from '../../api/download.ts';
import { type ReportName, reportPath } from '../../api/reports.ts';
import { Download } from '../../parts/download.tsx';

const NAMES: readonly ReportName[] = [
  'daily_sales',
  'product_sales',
  'customer_metrics',
  'order_status',
  'summary',
];

export function Downloads({ at }: { readonly at: string }) {
  const stamp = at.replaceAll(/[-:]/g, '').replace('T', '_');
  const file = (name: ReportName, format: 'csv' | 'json') => (
    <Download
      fileName={`${name}_${stamp}.${format}`}
      label={`${name} as ${format.toUpperCase()}`}
      load={(signal) =>
        fetchFile(format === 'csv' ? reportPath(name, at, 'csv') : reportPath(name, at), signal)
      }
    >
      {format.toUpperCase()}
    </Download>
  );
  return (
    <section class="panel" aria-labelledby="downloads">
      <div class="panel-head">
        <h2 id="downloads">Download this run</h2>
      </div>
      <p class="soft">
        CSV keeps the rank as a column. JSON is the document as it was written: programs that read
        its members by name may lose their order.
      </p>
      <ul class="files">
        {NAMES.map((name) => (
          <li key={name}>
            <code>{name}</code>
            {file(name, 'csv')}
            {file(name, 'json')}
          </li>
        ))}
      </ul>
    </section>
  );
}
