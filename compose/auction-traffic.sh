#!/bin/bash
# Two auction outcomes a second into their topic, keyed by the bid, until it is stopped.
while sleep 0.5; do
  bid="bid-$(date +%s)-$RANDOM"
  won=$((RANDOM % 10 < 7))
  cents=$((RANDOM % 160 + 20))
  price=$(printf '%d.%02d' $((cents / 100)) $((cents % 100)))
  printf '%s|{"bid_request_id":"%s","user_id":"user-%d","site_domain":"site%d.example.com",' \
    "$bid" "$bid" $((RANDOM % 60)) $((RANDOM % 5))
  printf '"win_status":%s,"win_price":"%s","bid_price":"%s","currency":"USD","enriched":true,' \
    "$([ $won = 1 ] && echo true || echo false)" "$([ $won = 1 ] && echo "$price" || echo 0.00)" "$price"
  printf '"user_interests":["sports"],"timestamp":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)"
done | /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server kafka:29092 \
  --topic auction_outcomes --reader-property parse.key=true --reader-property 'key.separator=|'
