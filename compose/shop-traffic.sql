\o /dev/null
select shop_step() \watch 1
