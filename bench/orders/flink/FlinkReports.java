import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * The figures of the reports as one job of Flink SQL over files of Debezium's events: what is written goes nowhere.
 * Arguments: the orders' file, the items' file, and a folder for checkpoints (state in RocksDB) or nothing (state in
 * memory, lost with the process). Prints the nanoseconds of processor that the process took.
 */
public class FlinkReports {
  private static final String DAY = "CAST(TO_TIMESTAMP_LTZ(created_at / 1000, 3) AS DATE)";

  public static void main(String[] args) throws Exception {
    Configuration settings = new Configuration();
    settings.setString("parallelism.default", "1");
    if (args.length > 2) {
      settings.setString("state.backend.type", "rocksdb");
      settings.setString("execution.checkpointing.interval", "1 s");
      settings.setString("execution.checkpointing.incremental", "true");
      settings.setString("execution.checkpointing.dir", "file://" + args[2]);
    }
    TableEnvironment flink =
        TableEnvironment.create(
            EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withConfiguration(settings)
                .build());
    source(flink, "orders", args[0],
        "id BIGINT, customer_id BIGINT, total_amount DECIMAL(18, 2), status STRING, created_at BIGINT");
    source(flink, "order_items", args[1],
        "id BIGINT, order_id BIGINT, product_id BIGINT, quantity INT, price DECIMAL(18, 2)");
    sink(flink, "days", "sold_on DATE, orders BIGINT, amount DECIMAL(38, 2)");
    sink(flink, "statuses", "status STRING, orders BIGINT");
    sink(flink, "customers", "customer_id BIGINT, orders BIGINT, amount DECIMAL(38, 2)");
    sink(flink, "products", "product_id BIGINT, quantity INT, amount DECIMAL(38, 2)");
    flink
        .createStatementSet()
        .addInsertSql(
            "INSERT INTO days SELECT " + DAY + ", COUNT(*), SUM(total_amount) FROM orders GROUP BY " + DAY)
        .addInsertSql("INSERT INTO statuses SELECT status, COUNT(*) FROM orders GROUP BY status")
        .addInsertSql(
            "INSERT INTO customers "
                + best("customer_id", "COUNT(*)", "SUM(total_amount)", "orders"))
        .addInsertSql(
            "INSERT INTO products "
                + best("product_id", "SUM(quantity)", "SUM(quantity * price)", "order_items"))
        .execute()
        .await();
    System.out.println(
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime());
    System.exit(0);
  }

  /** The hundred with the largest amounts. */
  private static String best(String key, String count, String amount, String table) {
    String sums =
        "SELECT " + key + ", " + count + " AS n, " + amount + " AS amount FROM " + table + " GROUP BY " + key;
    String ranked =
        "SELECT *, ROW_NUMBER() OVER (ORDER BY amount DESC, " + key + ") AS place FROM (" + sums + ")";
    return "SELECT " + key + ", n, CAST(amount AS DECIMAL(38, 2)) FROM (" + ranked + ") WHERE place <= 100";
  }

  private static void source(TableEnvironment flink, String name, String file, String columns) {
    flink.executeSql(
        "CREATE TABLE " + name + " (" + columns + ") WITH ('connector' = 'filesystem', 'path' = 'file://"
            + file + "', 'format' = 'debezium-json')");
  }

  private static void sink(TableEnvironment flink, String name, String columns) {
    flink.executeSql("CREATE TABLE " + name + " (" + columns + ") WITH ('connector' = 'blackhole')");
  }
}
