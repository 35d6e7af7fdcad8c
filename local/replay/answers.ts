// The five documents as they must be, written from PostgreSQL's own answers. It shares nothing with the
// code that renders them.

export interface Answers {
  readonly records: number;
  /** What the service must be told to read the capture. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly daily_sales: readonly { day: string; total_amount: string; order_count: string }[];
  readonly order_status_distribution: readonly { status: string; count: string }[];
  readonly customer_metrics: readonly {
    customer_id: string;
    order_count: string;
    total_spent: string;
  }[];
  readonly product_sales: readonly {
    product_id: string;
    quantity_sold: string;
    total_revenue: string;
  }[];
  readonly summary: {
    readonly total_orders: string;
    readonly total_revenue: string;
    readonly unique_customers: string;
    readonly unique_products_sold: string;
  };
}

/** Each document on one line; `generatedAt` is the one thing that the source does not know. */
export function expectedReports(answers: Answers, generatedAt: string): Record<string, string> {
  const document = (type: string, name: string, body: string) =>
    `{"report_type": "${type}","generated_at": "${generatedAt}","${name}": ${body}}`;
  const statuses = object(
    [...answers.order_status_distribution]
      .sort((a, b) => (a.status < b.status ? -1 : 1))
      .map(({ status, count }) => [status, count]),
  );
  const { total_orders, total_revenue, unique_customers, unique_products_sold } = answers.summary;
  return {
    daily_sales: document('daily_sales', 'data', dailySales(answers)),
    product_sales: document('product_sales', 'data', productSales(answers)),
    customer_metrics: document('customer_metrics', 'data', customerMetrics(answers)),
    order_status: document('order_status_distribution', 'data', statuses),
    summary: document(
      'summary',
      'metrics',
      object([
        ['total_orders', total_orders],
        ['total_revenue', money(total_revenue)],
        ['unique_customers', unique_customers],
        ['unique_products_sold', unique_products_sold],
        ['order_status_breakdown', statuses],
      ]),
    ),
  };
}

function dailySales({ daily_sales }: Answers): string {
  const place = (day: string) => (day === 'unknown' ? '~' : day);
  const days = [...daily_sales].sort((a, b) => (place(a.day) < place(b.day) ? -1 : 1));
  return object(
    days.map(({ day, total_amount, order_count }) => [
      day,
      object([
        ['total_amount', money(total_amount)],
        ['order_count', order_count],
      ]),
    ]),
  );
}

function customerMetrics({ customer_metrics }: Answers): string {
  return object(
    customer_metrics.map(({ customer_id, order_count, total_spent }) => [
      customer_id,
      object([
        ['order_count', order_count],
        ['total_spent', money(total_spent)],
      ]),
    ]),
  );
}

function productSales({ product_sales }: Answers): string {
  return object(
    product_sales.map(({ product_id, quantity_sold, total_revenue }) => [
      product_id,
      object([
        ['quantity_sold', quantity_sold],
        ['total_revenue', money(total_revenue)],
      ]),
    ]),
  );
}

function object(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(',')}}`;
}

/** At least two digits after the point, and no zeros beyond them. */
function money(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole}.${fraction.replace(/0+$/, '').padEnd(2, '0')}`;
}

/** A document as it is, on one line: a line feed is never inside a JSON string. */
export function onOneLine(document: string): string {
  return document.replaceAll(/\n\s*/g, '');
}
