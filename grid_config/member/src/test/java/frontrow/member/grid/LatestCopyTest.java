package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import frontrow.member.TestGrid;
import frontrow.member.rules.Batch;
import frontrow.member.rules.Bounds;
import frontrow.member.rules.Commands;
import frontrow.member.rules.Hall;
import frontrow.member.rules.Inventory;
import frontrow.member.rules.Request;
import frontrow.member.rules.Tenure;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Members that were alone, each with copies of its own, find each other again. */
class LatestCopyTest {
    private static final String INVENTORIES = "inventory";
    private static final String DOCUMENTS = "documents";
    private static final String ATTEMPTS = "attempts";
    private static final long MADE = 1_760_000_000_000L;
    private static final long KEYS = 30; // on every partition of the eleven, at either member

    /** A copy on which an owner acted under a version of its table and held so many seats. */
    private static InventoryEntry inventory(long table, int holds) {
        Inventory inventory = run(null, table, Commands.restore(new Hall().row(20).restoreBody()));
        run(inventory, table, Commands.open(Hall.INCARNATION));
        for (int order = 1; order <= holds; order++) {
            run(inventory, table, Commands.hold(order, order, order));
        }
        return new InventoryEntry(inventory);
    }

    private static Inventory run(Inventory inventory, long table, byte[] command) {
        Tenure.Constellation owner = new Tenure.Constellation(table, 1);
        return Batch.run(1, inventory, Request.read(Commands.batch(MADE, command)), MADE, Bounds.DEFAULT, owner).inventory();
    }

    private static Document document(long table, int step, long durable) {
        return new Document(7, step, step, durable, 0, ("step " + step).getBytes(), new Tenure(MADE, table, 1));
    }

    private static AttemptsLog log(long table, int records) {
        AttemptsLog log = new AttemptsLog(7, 1_000);
        for (int record = 0; record < records; record++) {
            log.append(record, List.of(new byte[] {1}));
        }
        log.ledBy(new Tenure(MADE, table, 1));
        return log;
    }

    private static void put(HazelcastInstance member, String map, Object key, Object value) {
        member.getMap(map).set(key, value);
    }

    private static Inventory inventoryAt(HazelcastInstance member, long key) {
        return InventoryEntry.inventoryOf((InventoryEntry) member.getMap(INVENTORIES).get(key));
    }

    private static void meet(TestGrid grid) {
        grid.meet();
        grid.waitUntil(() -> grid.isOverDoubt());
    }

    @Test
    void theCopyUnderTheLaterTableIsKeptWhateverIsLonger() {
        try (TestGrid grid = new TestGrid()) {
            HazelcastInstance one = grid.addAlone();
            HazelcastInstance other = grid.addAlone();
            for (long key = 0; key < KEYS; key++) {
                put(one, INVENTORIES, key, inventory(1_000 + key % 2, 9));
                put(other, INVENTORIES, key, inventory(1_000 + (key + 1) % 2, 3));
            }
            assertTrue(Doubt.of(one).stands() && Doubt.of(other).stands());

            meet(grid);

            for (long key = 0; key < KEYS; key++) {
                assertEquals(key % 2 == 1 ? 9 : 3, inventoryAt(one, key).seq(), "event " + key);
                assertEquals(new Tenure(MADE + 1, 0, 0), inventoryAt(one, key).tenure(), "event " + key);
            }
        }
    }

    /** Two went on as a pair, and then lost each other, too. */
    @Test
    void ofThreeThatWereAloneWhicheverComesFirstTheLaterCopyIsKept() {
        try (TestGrid grid = new TestGrid()) {
            List<HazelcastInstance> alone = List.of(grid.addAlone(), grid.addAlone(), grid.addAlone());
            for (int number = 0; number < alone.size(); number++) {
                for (long key = 0; key < KEYS; key++) {
                    boolean wasCutOff = key % 3 == number;
                    put(alone.get(number), INVENTORIES, key, wasCutOff ? inventory(1_000, 9) : inventory(1_001, 3));
                }
            }

            meet(grid);

            for (long key = 0; key < KEYS; key++) {
                assertEquals(3, inventoryAt(alone.get(0), key).seq(), "event " + key);
            }
        }
    }

    @Test
    void ofOneTenureTheCopyThatHasSeenMoreIsKept() {
        try (TestGrid grid = new TestGrid()) {
            HazelcastInstance one = grid.addAlone();
            HazelcastInstance other = grid.addAlone();
            for (long key = 0; key < KEYS; key++) {
                put(one, INVENTORIES, key, inventory(1_000, key % 2 == 0 ? 5 : 4));
                put(other, INVENTORIES, key, inventory(1_000, key % 2 == 0 ? 4 : 5));
                put(one, DOCUMENTS, "event:" + key, document(1_000, key % 2 == 0 ? 5 : 4, 0));
                put(other, DOCUMENTS, "event:" + key, document(1_000, key % 2 == 0 ? 4 : 5, 0));
                put(one, ATTEMPTS, "log:" + key, log(1_000, key % 2 == 0 ? 5 : 4));
                put(other, ATTEMPTS, "log:" + key, log(1_000, key % 2 == 0 ? 4 : 5));
            }

            meet(grid);

            for (long key = 0; key < KEYS; key++) {
                assertEquals(5, inventoryAt(one, key).seq(), "event " + key);
                assertArrayEquals("step 5".getBytes(), ((Document) one.getMap(DOCUMENTS).get("event:" + key)).body());
                assertEquals(5, ((AttemptsLog) one.getMap(ATTEMPTS).get("log:" + key)).size());
            }
        }
    }

    @Test
    void whatOneAloneHasIsKeptUnlessPostgresqlBringsItBack() {
        try (TestGrid grid = new TestGrid()) {
            HazelcastInstance joined = grid.addAlone();
            HazelcastInstance joins = grid.addAlone();
            for (long key = 0; key < KEYS; key++) {
                HazelcastInstance haver = key % 2 == 0 ? joined : joins;
                put(haver, INVENTORIES, key, inventory(1_000, 2));
                put(haver, DOCUMENTS, "event:" + key, document(1_000, 2, 1));
                put(haver, ATTEMPTS, "log:" + key, log(1_000, 2));
            }

            meet(grid);

            for (long key = 0; key < KEYS; key++) {
                assertEquals(2, inventoryAt(joined, key).seq(), "event " + key);
                assertArrayEquals("step 2".getBytes(), ((Document) joined.getMap(DOCUMENTS).get("event:" + key)).body());
                assertEquals(2, ((AttemptsLog) joined.getMap(ATTEMPTS).get("log:" + key)).size());
            }
        }
    }

    /** A marker says that PostgreSQL has nothing that is not there: nobody knows that of two copies' documents. */
    @Test
    void documentsThatPostgresqlHasAreLeftToItAndTheMarkersSaySo() {
        try (TestGrid grid = new TestGrid()) {
            HazelcastInstance one = grid.addAlone();
            HazelcastInstance other = grid.addAlone();
            for (HazelcastInstance each : List.of(one, other)) {
                for (long key = 0; key < KEYS; key++) {
                    put(each, DOCUMENTS, "marker:" + key, document(1_000, 1, 0));
                    put(each, DOCUMENTS, "event:" + each.getName() + key, document(1_000, 2, 2));
                }
            }

            meet(grid);

            assertEquals(0, LongStream.range(0, KEYS).filter(key -> one.getMap(DOCUMENTS).containsKey("marker:" + key)).count());
            assertEquals(KEYS, one.getMap(DOCUMENTS).keySet().size(), "of those that are whole in PostgreSQL, his who was joined");
        }
    }

    @Test
    void thoseWhoWentOnSellingKeepWhatTheyHaveAndLack() {
        try (TestGrid grid = new TestGrid()) {
            grid.add();
            grid.add();
            grid.waitUntil(grid::isOverDoubt);
            HazelcastInstance apart = grid.addAlone();
            HazelcastInstance seller = grid.member(0);
            for (long key = 0; key < KEYS; key++) {
                put(seller, INVENTORIES, key, inventory(1_000, 1));
                put(apart, INVENTORIES, key, inventory(2_000, 9));
                put(apart, INVENTORIES, KEYS + key, inventory(2_000, 9));
            }

            meet(grid);

            assertFalse(Doubt.of(apart).stands());
            for (long key = 0; key < KEYS; key++) {
                assertEquals(1, inventoryAt(seller, key).seq(), "event " + key);
                assertNull(seller.getMap(INVENTORIES).get(KEYS + key), "event " + (KEYS + key));
            }
        }
    }
}
