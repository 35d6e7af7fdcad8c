// The five reports as SQL on the source. Every number is text as PostgreSQL prints it, so that no
// float comes between the source and a comparison.
import type { Source } from './source.ts';

const TOP = 100;

export async function askSource({ sql, shape }: Source) {
  const day =
    shape.timeType === 'timestamptz'
      ? sql`(created_at at time zone 'UTC')::date`
      : sql`created_at::date`;

  const daily_sales = await sql`
    select coalesce(${day}::text, 'unknown') as day,
      coalesce(sum(total_amount), 0)::text as total_amount, count(*)::text as order_count
    from orders group by 1 order by 1`;

  const order_status_distribution = await sql`
    select coalesce(status, 'unknown') as status, count(*)::text as count
    from orders group by 1 order by coalesce(status, 'unknown') collate "C"`;

  const customer_metrics = await sql`
    select customer_id::text, count(*)::text as order_count,
      coalesce(sum(total_amount), 0)::text as total_spent
    from orders where customer_id is not null group by orders.customer_id
    order by coalesce(sum(total_amount), 0) desc, orders.customer_id limit ${TOP}`;

  const product_sales = await sql`
    select product_id::text, coalesce(sum(quantity), 0)::text as quantity_sold,
      coalesce(sum(quantity * price), 0)::text as total_revenue
    from order_items where product_id is not null group by order_items.product_id
    order by coalesce(sum(quantity * price), 0) desc, order_items.product_id limit ${TOP}`;

  const [totals] = await sql`
    select count(*)::text as total_orders, coalesce(sum(total_amount), 0)::text as total_revenue,
      count(distinct customer_id)::text as unique_customers,
      (select count(distinct product_id)::text from order_items) as unique_products_sold
    from orders`;

  return {
    daily_sales,
    order_status_distribution,
    customer_metrics,
    product_sales,
    summary: { ...totals, order_status_breakdown: order_status_distribution },
  };
}
