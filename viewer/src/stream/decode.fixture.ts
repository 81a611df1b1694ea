/** A block as formats/store/display.py writes it: 300 points on a spiral stair, 1318 bytes. */

export const BLOCK = {
  number: 0,
  count: 300,
  origin_m: [1.239776611328125e-5, -0.000133514404296875, -1.199999988079071],
  scale_m: 0.005,
} as const;

/** Point n is (20 cos(n / 50), 20 sin(n / 50), 0.1 (n mod 7) - 1.5), its intensity 37 n mod 256. */
export const CHUNK_BASE64 =
  "LAEAAKG7OwABAwcLDRETFxsdHyUlKy0vMzU5PT9BRUdLTU9TVVlZX19jZWdpbW1xc3V3eX19f4GDhYeHi4uNjZGRkZWTl5eXmZmb" +
  "m5udnZ2fnZ+fn5+fn5+fnZ+dn52bnZubmZmXl5eTlZORj4+Ni4mJh4WDgX99fXl3dXNxb21pZ2VjYV1bV1dTT01LR0VDPzs5NzMv" +
  "LSsnIyEdGxcTEQ8JCQMBAgQICg4SFBgaHiIkKCouMDQ2OjxAQkZITE5QVFZYXF5gZGZoamxwcnJ2eHp+foCChISIioqMjpCQkpKW" +
  "lJiYmJqanJycnp6enqCgoJ6goKCgoKCgnp6enpyempyamJiYlpQAoKCgoJ6gnp6enpycmpqamJiWlpSSkpCOjoyKiIaGgoJ+fnx6" +
  "dnZycHBsaGhkYmBeWlhUVE5OSkZGQD48ODYyMCwqJiIgHhoWFBAMCgYEAAMFCQsPERUZGx8jJScrLzEzOTk9QUNFSUtPUVVVW1tf" +
  "YWNlaWttb3Nzd3d7e3+BgYWFh4mLi42PkZGTlZWXl5eZm5ubnZudn52fn5+fn5+fnZ+fnZ+dnZudm5mZmZeXlZWTkZGPjY2LiYeH" +
  "g4OBfX17eXV1c29ta2lnY2NdXVlXVVFPTUlHQ0E9Ozc1MS8rKSUjHx0ZFRMPCwkHAwAEBggMEBQWGBwgIiYoLDAyNDg8ACgoKCgo" +
  "KO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgo" +
  "KCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8o" +
  "KCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo" +
  "7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKABKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1" +
  "SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpK" +
  "tUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpK" +
  "SrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkqVZWVZgEABASAQAQEIBAEBEABA" +
  "AUAgAQEQBAEBEABAAUAgAQEQCAEBBAIBAUABABAQCAEBBAIBAUABAAQgEAEBCAQBAbs7lJKQkI6MjIqGhoaCgH5+enh4dHJwbGxo" +
  "ZmRiXlxaVlRSTkxKRkJAPjo4NDI+QERGSkxQUlRYWlxgYmRmamxucHJ0eHh8fn6CgoSGioiMjo6QkJSUlJaYmCgoKO8oKCgoKCjv" +
  "KCgoKCgo7ygoKCgoKO8oKCgoKCjvKCgoKCgo7ygoKCgotUpKSkpKSrVKSkpKSkq1SkpKSkpKtUpKSkpKSrVKSkpKSkq1SkpKSkpK" +
  "tUoWQAEABCAQAQEIBAEBAAAAAAAAAAAAAAAAAACgDwAAxP8AAAEBLd1cOA==";
