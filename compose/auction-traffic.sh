#!/bin/bash
# Two auction outcomes a second into their topic, keyed by the bid, until it is stopped. Only what bash
# itself has, since the image has little else.
export TZ=UTC
while sleep 0.5; do
  bid="bid-$EPOCHSECONDS-$RANDOM"
  cents=$((RANDOM % 160 + 20))
  printf -v price '%d.%02d' $((cents / 100)) $((cents % 100))
  if ((RANDOM % 10 < 7)); then won=true win=$price; else won=false win=0.00; fi
  printf -v now '%(%Y-%m-%dT%H:%M:%SZ)T' -1
  printf '%s|{"bid_request_id":"%s","user_id":"user-%d","site_domain":"site%d.example.com",' \
    "$bid" "$bid" $((RANDOM % 60)) $((RANDOM % 5))
  printf '"win_status":%s,"win_price":"%s","bid_price":"%s","currency":"USD","enriched":true,' \
    "$won" "$win" "$price"
  printf '"user_interests":["sports"],"timestamp":"%s"}\n' "$now"
done | /opt/kafka/bin/kafka-console-producer.sh --bootstrap-server kafka:29092 \
  --topic auction_outcomes --reader-property parse.key=true --reader-property 'key.separator=|'
