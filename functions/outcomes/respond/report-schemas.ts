// The forms of the five order reports, which materialize-reports writes, for the OpenAPI document. Pure.
import * as z from 'zod';
import { REPORTS, type ReportName } from '../../contracts.ts';

const amount = z.number().meta({ description: 'An exact decimal.' });
const statusCounts = z.record(z.string(), z.int());
const STAMP = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$';
const RANKED = 'In rank order, which readers that sort integer-like keys lose.';

/** What stands in each beside `report_type` and `generated_at`. */
const BODIES: Readonly<Record<ReportName, { readonly id: string; readonly body: z.ZodRawShape }>> =
  {
    daily_sales: {
      id: 'DailySalesReport',
      body: {
        data: z
          .record(z.string(), z.strictObject({ total_amount: amount, order_count: z.int() }))
          .meta({ description: 'By UTC day, oldest first; `unknown`: orders without a date.' }),
      },
    },
    product_sales: {
      id: 'ProductSalesReport',
      body: {
        data: z
          .record(z.string(), z.strictObject({ quantity_sold: z.int(), total_revenue: amount }))
          .meta({ description: `By product. ${RANKED}` }),
      },
    },
    customer_metrics: {
      id: 'CustomerMetricsReport',
      body: {
        data: z
          .record(z.string(), z.strictObject({ order_count: z.int(), total_spent: amount }))
          .meta({ description: `By customer. ${RANKED}` }),
      },
    },
    order_status: { id: 'OrderStatusReport', body: { data: statusCounts } },
    summary: {
      id: 'SummaryReport',
      body: {
        metrics: z.strictObject({
          total_orders: z.int(),
          total_revenue: amount,
          unique_customers: z.int(),
          unique_products_sold: z.int(),
          order_status_breakdown: statusCounts,
        }),
      },
    },
  };

/** One of the five, told apart by `report_type`. */
export const reportDocument = z
  .union(
    REPORTS.map(({ name, reportType }) =>
      z
        .strictObject({
          report_type: z.literal(reportType),
          generated_at: z.string().meta({ description: 'UTC without a zone.', pattern: STAMP }),
          ...BODIES[name].body,
        })
        .meta({ id: BODIES[name].id }),
    ),
  )
  .meta({ id: 'Report' });
