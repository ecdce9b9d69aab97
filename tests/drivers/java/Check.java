import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/** pgjdbc: prepared statements past the switch to binary, batches, fetch size, metadata, errors. */
public final class Check {
    private static void expect(Object actual, Object expected) {
        if (!expected.equals(actual)) {
            throw new AssertionError("got " + actual + ", expected " + expected);
        }
    }

    public static void main(String[] args) throws Exception {
        try (Connection connection = DriverManager.getConnection(args[0])) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE jdbc_t (id int PRIMARY KEY, n numeric, s text)");
            }
            batch(connection);
            repeated(connection);
            fetched(connection);
            metadata(connection);
            failed(connection);
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP TABLE jdbc_t");
            }
        }
    }

    private static void batch(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc_t VALUES (?, ?, ?)")) {
            for (int id = 1; id <= 100; id++) {
                insert.setInt(1, id);
                insert.setBigDecimal(2, BigDecimal.valueOf(id, 2));
                insert.setString(3, id % 2 == 0 ? null : "odd");
                insert.addBatch();
            }
            expect(Arrays.stream(insert.executeBatch()).sum(), 100);
        }
    }

    private static void repeated(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT n, s FROM jdbc_t WHERE id = ?")) {
            for (int id = 1; id <= 20; id++) {
                select.setInt(1, id);
                try (ResultSet rows = select.executeQuery()) {
                    expect(rows.next(), true);
                    expect(rows.getBigDecimal(1), BigDecimal.valueOf(id, 2));
                    expect(String.valueOf(rows.getString(2)), id % 2 == 0 ? "null" : "odd");
                }
            }
        }
    }

    private static void fetched(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement select = connection.createStatement()) {
            select.setFetchSize(7);
            int expected = 1;
            try (ResultSet rows = select.executeQuery("SELECT id FROM jdbc_t ORDER BY id")) {
                while (rows.next()) {
                    expect(rows.getInt(1), expected++);
                }
            }
            expect(expected, 101);
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void metadata(Connection connection) throws SQLException {
        expect(connection.getMetaData().getDatabaseProductName(), "PostgreSQL");
        try (ResultSet tables = connection.getMetaData().getTables(null, "public", "jdbc_t", null)) {
            expect(tables.next(), true);
            expect(tables.getString("TABLE_TYPE"), "TABLE");
        }
        try (ResultSet keys = connection.getMetaData().getPrimaryKeys(null, "public", "jdbc_t")) {
            expect(keys.next(), true);
            expect(keys.getString("COLUMN_NAME"), "id");
        }
    }

    private static void failed(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO jdbc_t VALUES (1)");
            throw new AssertionError("no error");
        } catch (SQLException error) {
            expect(error.getSQLState(), "23505");
        }
    }
}
