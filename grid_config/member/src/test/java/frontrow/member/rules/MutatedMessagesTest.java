package frontrow.member.rules;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * What no unit and no pump of ours sends: every message is malformed, refused by its rule, or carried out like any other.
 * Never another exception, never an inventory that its backup or its own counts do not agree with.
 */
class MutatedMessagesTest {
    private static final int FRAME_BYTES = 5; // of a command: its kind and its length
    private static final List<Vector> CHANGES = VectorSamples.byFile().get("java_changes.json");
    private static final int CATEGORIES = 3; // in the terms among them
    private static final List<Order> ORDERS = orders(busy(true).owner);

    @Property(tries = 1_500, shrinking = ShrinkingMode.OFF)
    void aMutatedCommandLeavesASoundInventory(@ForAll long seed) {
        Random random = new Random(seed);
        BoxOffice office = busy(random.nextBoolean());
        List<byte[]> known = commands(office);
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            byte[] command = known.get(random.nextInt(known.size()));
            int kind = random.nextInt(20) == 0 ? random.nextInt(256) : command[0];
            byte[] body = Mutation.of(Arrays.copyOfRange(command, FRAME_BYTES, command.length), random);
            office.ask(Commands.framed(kind, new WireWriter(body.length).raw(body)));
            assertEquals(Dump.of(office.owner), Dump.of(office.backup));
            if (office.owner != null && kind != Command.RESTORE && kind != Command.ACKNOWLEDGE) {
                InvariantChecker.check(office.owner, Set.of());
            }
            if (office.owner != null) {
                assertEquals(Dump.of(office.owner), Dump.of(InventoryCodec.decode(InventoryCodec.encode(office.owner))));
            }
        }
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void aMutatedRestoreIsRefusedOrIsTheSameOnBothCopies(@ForAll long seed) {
        Random random = new Random(seed);
        BoxOffice office = new BoxOffice();
        byte[] body = Mutation.of(restorable(random).restoreBody(), random);
        office.ask(Commands.restore(body));
        assertEquals(Dump.of(office.owner), Dump.of(office.backup));
        if (office.owner != null) {
            office.ask(Commands.open(office.owner.incarnation()));
            office.ask(Commands.expire(), Commands.holdBest(70, 70, 0, 2), Commands.readSeats(0, 0), Commands.whole());
            assertEquals(Dump.of(office.owner), Dump.of(office.backup));
        }
    }

    @Property(tries = 4_000, shrinking = ShrinkingMode.OFF)
    void aMutatedBatchIsMalformedOrSaysWhatItSaid(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = Mutation.of(Commands.batch(BoxOffice.START, Commands.expire(), Commands.hold(1, 2, 3), Commands.status()), random);
        Request request = readOr(() -> Request.read(bytes));
        if (request != null) {
            assertTrue(request.count() <= Limits.BATCH_COMMANDS_MAX);
            byte[][] commands = IntStream.range(0, request.count())
                    .mapToObj(index -> new WireWriter(64).u8(request.kind(index)).blob(request.body(index).rest()).done())
                    .toArray(byte[][]::new);
            WireReader in = new WireReader(bytes);
            in.u8();
            assertArrayEquals(bytes, Commands.batch(in.i64(), commands));
        }
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void aMutatedChangeIsMalformedOrWritesBackTheSame(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] record = Mutation.of(CHANGES.get(random.nextInt(CHANGES.size())).bytes(), random);
        Change change = readOr(() -> Change.decode(record, CATEGORIES));
        if (change != null) {
            assertArrayEquals(change.encode(), Change.decode(change.encode(), CATEGORIES).encode());
        }
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void aMutatedMessageToTheBackupIsAppliedWholeOrNotAtAll(@ForAll long seed) {
        Random random = new Random(seed);
        BoxOffice office = busy(random.nextBoolean());
        office.loseMessages = true;
        office.ask(Commands.hold(60, 60, 8), Commands.release(1, 1));
        List<String> before = Dump.of(office.backup);
        byte[] message = Mutation.of(office.message, random);
        try {
            office.backup = BackupMessage.apply(office.backup, message);
        } catch (MalformedException | BaseMismatchException refused) {
            assertEquals(before, Dump.of(office.backup));
        }
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void aMutatedValueIsMalformedOrAnInventory(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] value = Mutation.of(InventoryCodec.encode(busy(random.nextBoolean()).owner), random);
        Inventory inventory = readOr(() -> InventoryCodec.decode(value));
        if (inventory != null) {
            InventoryCodec.decode(InventoryCodec.encode(inventory));
        }
    }

    @Property(tries = 800, shrinking = ShrinkingMode.OFF)
    void aMutatedLayoutOrOrderIsMalformedOrWritesBackTheSame(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] layout = Mutation.of(hall(true).layout(), random);
        Layout read = readOr(() -> Layout.read(new WireReader(layout)));
        if (read != null) {
            assertArrayEquals(read.encode(), Layout.read(new WireReader(read.encode())).encode());
        }
        byte[] order = Mutation.of(written(ORDERS.get(random.nextInt(ORDERS.size()))), random);
        byte[] once = readOr(() -> written(Order.read(new WireReader(order))));
        if (once != null) {
            assertArrayEquals(once, written(Order.read(new WireReader(once))));
        }
    }

    /** An event with orders in every state. Without an area, because a verdict may mark places of which the checker knows nothing. */
    private static BoxOffice busy(boolean withArea) {
        BoxOffice office = BoxOffice.of(hall(withArea));
        office.hold(1, 3, 4);
        office.hold(2, 5);
        BoxOffice.must(office.ask(Commands.startPayment(2, 2, 22)).outcome());
        office.buy(3, 6, 7);
        office.buy(4, 0);
        office.makeDurable(4);
        office.hold(5, 9);
        office.ask(Commands.release(5, 5));
        if (withArea) {
            BoxOffice.must(office.ask(Commands.holdAreas(6, 6, 0, 3)).outcome());
        }
        office.settle(77, 78, PaymentResult.CAPTURED, 5);
        return office;
    }

    private static Hall hall(boolean withArea) {
        Hall hall = new Hall().row(8).mixedRow(0, 1, 1, 0).startsAt(BoxOffice.START + 100_000_000).limit(6);
        return withArea ? hall.area(1, 20) : hall;
    }

    private static Hall restorable(Random random) {
        return hall(true).order(ORDERS.get(random.nextInt(ORDERS.size()))).sold(9, 9, 10, Hall.slot(0, 5));
    }

    /** One of each kind, as units, pump and reader would ask it of this inventory. */
    private static List<byte[]> commands(BoxOffice office) {
        Inventory owner = office.owner;
        long incarnation = owner.incarnation();
        return List.of(
                Commands.hold(50, 50, 1, 2), Commands.holdBest(51, 51, 0, 2), Commands.holdAreas(52, 52, 0, 2), Commands.release(1, 1),
                Commands.startPayment(1, 1, 11), Commands.settle(2, 22, PaymentResult.AUTHORISED, order(2, owner).total()),
                Commands.expire(), Commands.readSeats(incarnation, owner.version()), Commands.readOrder(3, 3),
                Commands.drain(incarnation, 0, 0, 100), Commands.acknowledge(incarnation, owner.seq(), Commands.verdict(3, 1)),
                Commands.restore(hall(true).restoreBody()), Commands.open(incarnation), Commands.drop(incarnation), Commands.status(),
                Commands.due(10), Commands.terms(hall(false).terms()), Commands.whole(), Commands.leave(incarnation, owner.seq(), 0));
    }

    private static Order order(long number, Inventory inventory) {
        return inventory.orders().find(number);
    }

    private static List<Order> orders(Inventory inventory) {
        List<Order> found = new ArrayList<>();
        inventory.orders().forEach(found::add);
        return found;
    }

    private static byte[] written(Order order) {
        WireWriter out = new WireWriter(256);
        order.write(out);
        return out.done();
    }

    private static <T> T readOr(Supplier<T> read) {
        try {
            return read.get();
        } catch (MalformedException malformed) {
            return null;
        }
    }
}
