"""The exports as pandas and DuckDB read them: the same rows, and money to the last digit in each."""

import json
import sys
from decimal import Decimal

import duckdb
import pandas

csv_file, ndjson_file, revenue = sys.argv[1:]
expected = Decimal(revenue)
MONEY = "DECIMAL(38, 10)"


def check(name, found):
    if Decimal(found) != expected:
        sys.exit(f"{name}: the sum of win_price is {found}, not {expected}")
    print(f"{name}: {found}")


def is_close(name, found):
    """A double, where a reader makes one of a number unless it is told otherwise."""
    if abs(float(found) / float(expected) - 1) > 1e-12:
        sys.exit(f"{name}: the sum of win_price is {found}, not about {expected}")
    print(f"{name}: {found}")


# pandas: exact by a converter, a float without one.
exact = pandas.read_csv(csv_file, converters={"win_price": Decimal, "bid_price": Decimal})
check("pandas, CSV", exact["win_price"].sum())
plain = pandas.read_csv(csv_file, parse_dates=["timestamp"])
is_close("pandas, CSV as floats", plain["win_price"].sum())
with open(ndjson_file, encoding="utf-8") as file:
    lines = pandas.DataFrame(json.loads(line, parse_float=Decimal) for line in file)
check("pandas, NDJSON", sum(map(Decimal, lines["win_price"])))
assert list(plain.columns) == list(lines.columns), (plain.columns, lines.columns)
assert (plain["id"] == lines["id"]).all()
assert str(plain["timestamp"].dtype).startswith("datetime64"), plain["timestamp"].dtype

# DuckDB: exact by the columns' type, a double without one.
types = f"{{'win_price': '{MONEY}', 'bid_price': '{MONEY}'}}"
check("DuckDB, CSV", duckdb.sql(f"select sum(win_price) from read_csv('{csv_file}', types={types})").fetchall()[0][0])
is_close("DuckDB, CSV as doubles", duckdb.sql(f"select sum(win_price) from read_csv('{csv_file}')").fetchall()[0][0])
is_close("DuckDB, NDJSON as doubles", duckdb.sql(f"select sum(win_price) from read_json('{ndjson_file}')").fetchall()[0][0])
columns = f"{{'id': 'BIGINT', 'win_price': '{MONEY}'}}"
check(
    "DuckDB, NDJSON",
    duckdb.sql(f"select sum(win_price) from read_json('{ndjson_file}', columns={columns})").fetchall()[0][0],
)
kinds = {row[0]: row[1] for row in duckdb.sql(f"describe select * from read_json('{ndjson_file}')").fetchall()}
assert kinds["win_price"] == "DOUBLE" and kinds["win_status"] == "BOOLEAN", kinds
