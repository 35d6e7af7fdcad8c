# The loop that a consumer in Python would run over the same texts: parse, add up, nothing kept of the rows.
import base64, json, sys, time
from collections import defaultdict
from decimal import Decimal, InvalidOperation

texts = open(sys.argv[1], encoding="utf-8").read().split("\n")
rounds = int(sys.argv[2])


def amount(value):
    if value is None:
        return Decimal(0)
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(int.from_bytes(base64.b64decode(value), "big", signed=True)).scaleb(-2)


best = None
for _ in range(rounds):
    days, customers, products = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    started = time.process_time()
    for text in texts:
        event = json.loads(text)
        # The payload of a tombstone with a schema is null.
        event = event.get("payload", event) or {}
        row = event.get("after") or event
        if "total_amount" in row:
            days[row.get("created_at")] += amount(row["total_amount"])
            customers[row.get("customer_id")] += amount(row["total_amount"])
        elif "product_id" in row:
            products[row["product_id"]] += amount(row.get("price")) * (row.get("quantity") or 0)
    spent = time.process_time() - started
    best = spent if best is None else min(best, spent)
print(best / len(texts) * 1e6)
