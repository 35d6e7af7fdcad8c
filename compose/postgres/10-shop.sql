-- The shop whose orders are analysed: runs once, in the database of the same name. A replica identity of FULL
-- lets every change carry the whole row as it was; the service itself needs no more than the default.
create table orders (
  id serial primary key,
  customer_id integer,
  total_amount decimal(10, 2),
  status varchar(50),
  created_at timestamp default now(),
  updated_at timestamp default now()
);

create table order_items (
  id serial primary key,
  order_id integer references orders (id) on delete cascade,
  product_id integer,
  quantity integer,
  price decimal(10, 2),
  created_at timestamp default now()
);

alter table orders replica identity full;
alter table order_items replica identity full;

-- One transaction of the shop: a new order with its items, one that moves on, now and then one that is
-- deleted. `docker compose --profile traffic up` calls it once a second.
create function shop_step() returns void language plpgsql as $$
declare
  new_order integer;
begin
  insert into orders (customer_id, total_amount, status)
  values (1 + floor(random() * 50), 0, 'pending')
  returning id into new_order;
  insert into order_items (order_id, product_id, quantity, price)
  select new_order, 1 + floor(random() * 30), 1 + floor(random() * 4),
    round((5 + random() * 200)::numeric, 2)
  from generate_series(1, 1 + floor(random() * 4)::integer);
  update orders set total_amount = (
    select sum(quantity * price) from order_items where order_id = new_order
  ) where id = new_order;
  update orders set updated_at = now(),
    status = case status when 'pending' then 'processing' else 'completed' end
  where id = (
    select id from orders where status in ('pending', 'processing') order by random() limit 1
  );
  if random() < 0.05 then
    delete from orders where id = (select id from orders order by random() limit 1);
  end if;
end $$;

select shop_step() from generate_series(1, 25);
