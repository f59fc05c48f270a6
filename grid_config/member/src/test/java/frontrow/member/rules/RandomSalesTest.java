package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Random shoppers, providers, pumps and clocks at one event: after every batch each invariant holds, the backup is what the
 * owner is, and now and then the inventory is moved (serialised and read again) or rebuilt from its own outbox.
 */
class RandomSalesTest {
    private static final int BATCHES = 120;
    private static final int ACCOUNTS = 6;

    private Random random;
    private BoxOffice office;
    private long nextOrder;
    private final Set<Integer> unsold = new HashSet<>();
    private final Map<Long, Long> attempts = new HashMap<>();
    private final List<byte[]> history = new ArrayList<>();
    private byte[] restoreBody;

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void everyInvariantHoldsAfterEveryBatch(@ForAll long seed) {
        begin(seed);
        for (int batch = 0; batch < BATCHES; batch++) {
            step();
            InvariantChecker.check(office.owner, unsold);
            assertEquals(Dump.of(office.owner), Dump.of(office.backup));
        }
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void aMovedInventoryIsTheSameAndGoesOnTheSame(@ForAll long seed) {
        begin(seed);
        for (int batch = 0; batch < BATCHES; batch++) {
            step();
            if (random.nextInt(10) == 0) {
                byte[] encoded = InventoryCodec.encode(office.owner);
                Inventory moved = InventoryCodec.decode(encoded);
                assertEquals(Dump.of(office.owner), Dump.of(moved));
                InvariantChecker.check(moved, unsold);
                // The one that moved may be either copy: both must go on alike.
                if (random.nextBoolean()) {
                    office.owner = moved;
                } else {
                    office.backup = moved;
                }
            }
            assertEquals(Dump.of(office.owner), Dump.of(office.backup));
        }
    }

    /** The changes alone tell the whole history: replayed onto the restored entry they give the same places and orders. */
    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void theChangesReplayedGiveTheSameInventory(@ForAll long seed) {
        begin(seed);
        for (int batch = 0; batch < BATCHES; batch++) {
            office.ask(shopperCommands());
            office.pass(random.nextInt(20_000));
        }
        Inventory replayed = Restoration.build(restoreBody, BoxOffice.START);
        replayed.setOpen(true);
        Outbox outbox = office.owner.outbox();
        for (long seq = 1; seq <= office.owner.seq(); seq++) {
            byte[] record = outbox.recordAt(seq);
            Change change = Change.decode(record, office.owner.layout().categories());
            assertEquals(seq, change.head().seq());
            new Step.Changed(change, record).apply(replayed);
        }
        assertEquals(Dump.of(office.owner), Dump.of(replayed));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void aLostMessageIsNoticedByTheNextThatIsConfirmed(@ForAll long seed) {
        begin(seed);
        for (int batch = 0; batch < 40; batch++) {
            step();
        }
        office.loseMessages = true;
        List<String> before = Dump.of(office.owner);
        while (Dump.of(office.owner).equals(before)) {
            office.ask(shopperCommands());
            office.pass(1_000);
        }
        office.ask(Commands.readSeats(0, 0));
        byte[] barrier = office.message;
        boolean noticed = false;
        try {
            BackupMessage.apply(office.backup, barrier);
        } catch (BaseMismatchException mismatch) {
            noticed = true;
        }
        assertTrue(noticed);
    }

    private void begin(long seed) {
        random = new Random(seed);
        nextOrder = 1;
        unsold.clear();
        attempts.clear();
        history.clear();
        Hall hall = new Hall().row(6).mixedRow(0, 0, 1, 1, 0, 0, 0).row(12, 1).area(0, 7).area(2, 30).limit(random.nextBoolean() ? 0 : 12)
                .prices(100, 200, 300).startsAt(BoxOffice.START + 4_000_000);
        if (random.nextBoolean()) {
            hall.orphanRule();
        }
        restoreBody = hall.restoreBody();
        office = new BoxOffice();
        office.ask(Commands.restore(restoreBody));
        office.ask(Commands.open(Hall.INCARNATION));
    }

    private void step() {
        if (random.nextInt(6) == 0) {
            pump();
        }
        office.ask(shopperCommands());
        office.pass(random.nextInt(8) == 0 ? random.nextInt(400_000) : random.nextInt(3_000));
    }

    private byte[][] shopperCommands() {
        byte[][] commands = new byte[1 + random.nextInt(6)][];
        for (int index = 0; index < commands.length; index++) {
            commands[index] = command();
            history.add(commands[index]);
        }
        return commands;
    }

    private byte[] command() {
        long order = 1 + random.nextLong(nextOrder);
        long account = account(order);
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> Commands.hold(nextOrder, account(nextOrder++), seats());
            case 3 -> Commands.holdBest(nextOrder, account(nextOrder++), random.nextInt(3), 1 + random.nextInt(4));
            case 4 -> Commands.holdAreas(nextOrder, account(nextOrder++), random.nextInt(2), 1 + random.nextInt(3));
            case 5 -> Commands.release(order, account);
            case 6, 7 -> startPayment(order, account);
            case 8, 9, 10 -> settle(order);
            case 11 -> history.isEmpty() ? Commands.expire() : history.get(random.nextInt(history.size()));
            case 12 -> random.nextInt(10) == 0 ? terms() : Commands.readSeats(Hall.INCARNATION, 0);
            default -> Commands.expire();
        };
    }

    private byte[] startPayment(long order, long account) {
        long attempt = 1_000 * order + random.nextInt(3);
        attempts.put(order, attempt);
        return Commands.startPayment(order, account, attempt, 1 + random.nextInt(2), "sandbox");
    }

    private byte[] settle(long order) {
        long attempt = random.nextInt(5) == 0 ? 1_000 * order + random.nextInt(4) : attempts.getOrDefault(order, 5L);
        Order known = office.owner.orders().find(order);
        long total = known == null ? 100 : known.total();
        PaymentResult[] results = PaymentResult.values();
        PaymentResult result = random.nextBoolean() ? PaymentResult.AUTHORISED : results[random.nextInt(results.length)];
        return Commands.settle(order, attempt, result, random.nextInt(8) == 0 ? total + 1 : total);
    }

    private byte[] terms() {
        return Commands.terms(new Hall().row(1, 2).prices(100, random.nextBoolean() ? 200 : Terms.NOT_SOLD, 300)
                .startsAt(BoxOffice.START + 4_000_000).terms());
    }

    private int[] seats() {
        int first = random.nextInt(25);
        return switch (random.nextInt(4)) {
            case 0 -> new int[] {first};
            case 1 -> new int[] {random.nextInt(25), random.nextInt(25)};
            default -> first + 1 < 25 ? new int[] {first, first + 1} : new int[] {first};
        };
    }

    /** PostgreSQL confirms paid orders, now and then refuses one, and says how refunds went. */
    private void pump() {
        long to = office.owner.durableSeq() + random.nextLong(office.owner.seq() - office.owner.durableSeq() + 1);
        List<byte[]> verdicts = new ArrayList<>();
        office.owner.orders().forEach(order -> {
            if (order.status() == OrderStatus.PAID && order.seq() <= to) {
                boolean refused = random.nextInt(5) == 0;
                int conflicting = order.places()[0];
                if (refused && !Areas.isSlot(conflicting)) {
                    unsold.add(conflicting);
                    verdicts.add(Commands.verdict(order.number(), 2, conflicting));
                } else {
                    verdicts.add(Commands.verdict(order.number(), 1));
                }
            } else if (order.refund() == Refund.PENDING) {
                verdicts.add(Commands.verdict(order.number(), random.nextBoolean() ? 3 : 4));
            }
        });
        BoxOffice.must(office.ask(Commands.acknowledge(Hall.INCARNATION, to, verdicts.toArray(byte[][]::new))).outcome());
    }

    private static long account(long order) {
        return 1 + order % ACCOUNTS;
    }
}
